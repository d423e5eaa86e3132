#include "telemetry/usual_twin.hpp"

#include <algorithm>
#include <cstring>

namespace headroom::telemetry {
namespace {

using M = UsualReading;

constexpr std::size_t seq_digits_max = 8;

}  // namespace

/// A twin may differ in [from, to).
void UsualTwin::let(const char* begin, const char* from, const char* to) {
    std::memset(fixed_.data() + (from - begin), 0, static_cast<std::size_t>(to - from));
}

bool UsualTwin::keep_value(const char* begin, const char* value) {
    double read = 0.0;
    is_negative_ = *value == '-';
    const char* const first = value + (is_negative_ ? 1 : 0);
    const char* const behind = read_short_number(first, read);
    if (behind == nullptr) {
        return false;
    }
    const char* const point = std::find(first, behind, '.');
    let(begin, first, point);
    if (point != behind) {
        let(begin, point + 1, behind);
    }
    value_at_ = static_cast<std::uint8_t>(first - begin);
    whole_ = static_cast<std::uint8_t>(point - first);
    digits_ = static_cast<std::uint8_t>(behind - first - (point == behind ? 0 : 1));
    value_mask_ = (std::uint64_t{1} << 8U * static_cast<unsigned>(behind - first)) - 1;
    others_ = others_in(digit_values(first)) & value_mask_;
    return true;
}

void UsualTwin::keep(const char* begin, const char* end, const Places& places, const UsualReading& reading) {
    constexpr unsigned needed = M::id_member | M::start_member | M::value_member;
    const auto size = static_cast<std::size_t>(end - begin);
    size_ = 0;
    bytes_.fill(0);
    fixed_.fill(0);
    if (size > bytes_max || (reading.has & needed) != needed) {
        return;
    }
    std::memcpy(bytes_.data(), begin, size);
    std::memset(fixed_.data(), 0xff, size);
    let(begin, reading.id.data(), reading.id.data() + reading.id.size());
    if (!keep_value(begin, places.value)) {
        return;
    }
    phase_at_ = 0;
    if (const char* const phase = places.phase; phase != nullptr && begins(phase, "L") && phase[2] == '"') {
        let(begin, phase + 1, phase + 2);
        phase_at_ = static_cast<std::uint8_t>(phase + 1 - begin);
    }
    seq_size_ = 0;
    if (places.seq != nullptr) {
        const char* const behind = std::find_if_not(places.seq, end, is_digit);
        if (behind - places.seq > static_cast<std::ptrdiff_t>(seq_digits_max)) {
            return;
        }
        let(begin, places.seq, behind);
        seq_at_ = static_cast<std::uint8_t>(places.seq - begin);
        seq_size_ = static_cast<std::uint8_t>(behind - places.seq);
    }
    same_.has = reading.has;
    same_.quantity = reading.quantity;
    same_.phase = reading.phase;
    same_.quality = reading.quality;
    id_ = stretch_of(reading.id, begin);
    start_ = stretch_of(reading.start, begin);
    end_ = (reading.has & M::end_member) != 0 ? stretch_of(reading.end, begin) : Stretch{};
    source_ = (reading.has & M::source_member) != 0 ? stretch_of(reading.source, begin) : Stretch{};
    size_ = size;
}

}  // namespace headroom::telemetry
