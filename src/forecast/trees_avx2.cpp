#include "forecast/trees_avx2.hpp"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include <array>

namespace headroom::forecast {

#ifdef __x86_64__
namespace {

constexpr std::size_t lanes = 8;
// Groups that go down in step: one waits for its memory while the others reckon.
constexpr std::size_t groups = 4;
// The first levels are looked up in registers: three in one, the fourth in another.
constexpr std::int32_t levels_in_first = 3;

template <std::size_t count>
__attribute__((target("avx2"), always_inline)) inline void add_groups(const FlatTree& tree, const float* rows,
                                                                      std::size_t columns, float* sums) {
    const __m256i two = _mm256_set1_epi32(2);
    const __m256i row_starts = _mm256_mullo_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7),
                                                  _mm256_set1_epi32(static_cast<int>(columns)));
    const auto* const nodes = reinterpret_cast<const __m256i*>(tree.columns);
    const __m256 first_thresholds = _mm256_loadu_ps(tree.thresholds);
    const __m256i first_columns = _mm256_loadu_si256(nodes);
    std::array<__m256i, count> at;
    for (std::size_t g = 0; g < count; ++g) {
        at[g] = _mm256_setzero_si256();
    }
    const auto descend = [&](std::size_t g, __m256 thresholds, __m256i meta)
        __attribute__((target("avx2"), always_inline)) {
        const __m256i places = _mm256_add_epi32(row_starts, _mm256_srli_epi32(meta, 1));
        const __m256 values = _mm256_i32gather_ps(rows + g * lanes * columns, places, 4);
        const __m256 is_below = _mm256_cmp_ps(values, thresholds, _CMP_LT_OQ);
        const __m256 is_missing = _mm256_cmp_ps(values, values, _CMP_UNORD_Q);
        const __m256 missing_left = _mm256_castsi256_ps(_mm256_slli_epi32(meta, 31));
        const __m256 left = _mm256_or_ps(is_below, _mm256_and_ps(is_missing, missing_left));
        const __m256i minus_left = _mm256_srai_epi32(_mm256_castps_si256(left), 31);
        at[g] = _mm256_add_epi32(_mm256_add_epi32(_mm256_add_epi32(at[g], at[g]), two), minus_left);
    };
    std::int32_t level = 0;
    for (; level < tree.depth && level < levels_in_first; ++level) {
        for (std::size_t g = 0; g < count; ++g) {
            descend(g, _mm256_permutevar8x32_ps(first_thresholds, at[g]),
                    _mm256_permutevar8x32_epi32(first_columns, at[g]));
        }
    }
    if (level < tree.depth) {
        const __m256 thresholds = _mm256_loadu_ps(tree.thresholds + 7);
        const __m256i meta = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(tree.columns + 7));
        const __m256i first = _mm256_set1_epi32(7);
        for (std::size_t g = 0; g < count; ++g) {
            const __m256i place = _mm256_sub_epi32(at[g], first);
            descend(g, _mm256_permutevar8x32_ps(thresholds, place), _mm256_permutevar8x32_epi32(meta, place));
        }
        ++level;
    }
    for (; level < tree.depth; ++level) {
        for (std::size_t g = 0; g < count; ++g) {
            descend(g, _mm256_i32gather_ps(tree.thresholds, at[g], 4),
                    _mm256_i32gather_epi32(tree.columns, at[g], 4));
        }
    }
    const __m256i first_leaf = _mm256_set1_epi32((1 << tree.depth) - 1);
    for (std::size_t g = 0; g < count; ++g) {
        const __m256 leaves = _mm256_i32gather_ps(tree.leaves, _mm256_sub_epi32(at[g], first_leaf), 4);
        float* const place = sums + g * lanes;
        _mm256_storeu_ps(place, _mm256_add_ps(_mm256_loadu_ps(place), leaves));
    }
}

}  // namespace

bool has_avx2() {
    static const bool has = __builtin_cpu_supports("avx2") != 0;
    return has;
}

__attribute__((target("avx2"))) std::size_t add_leaves_avx2(const FlatTree& tree, const float* rows,
                                                            std::size_t columns, float* sums,
                                                            std::size_t count) {
    std::size_t i = 0;
    for (; i + groups * lanes <= count; i += groups * lanes) {
        add_groups<groups>(tree, rows + i * columns, columns, sums + i);
    }
    for (; i + lanes <= count; i += lanes) {
        add_groups<1>(tree, rows + i * columns, columns, sums + i);
    }
    return i;
}

#else

bool has_avx2() {
    return false;
}
std::size_t add_leaves_avx2(const FlatTree& /*tree*/, const float* /*rows*/, std::size_t /*columns*/,
                            float* /*sums*/, std::size_t /*count*/) {
    return 0;
}

#endif

}  // namespace headroom::forecast
