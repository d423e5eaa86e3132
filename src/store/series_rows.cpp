#include "store/sqlite_series.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace headroom::store {
namespace {

// Rows hold 32-bit floats, little-endian.
static_assert(std::endian::native == std::endian::little && sizeof(float) == 4);

constexpr std::size_t wide = 3;  // mean, min, max
constexpr std::uint32_t absent_bits = 0x7fe0'ad00;

std::string_view as_bytes(const std::vector<float>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

}  // namespace

// ---- DayRow ----

DayRow::DayRow(std::int64_t step_ms)
    : steps_(static_cast<std::size_t>(series_day_ms / step_ms)), data_(steps_, unknown_value) {}

ValueColumns DayRow::columns() const {
    const std::span<const float> all(data_);
    const bool is_wide = data_.size() == wide * steps_;
    return {all.first(steps_), is_wide ? all.subspan(steps_, steps_) : all.first(steps_),
            is_wide ? all.subspan(2 * steps_, steps_) : all.first(steps_)};
}

bool DayRow::is_empty() const {
    return std::all_of(data_.begin(), data_.begin() + static_cast<std::ptrdiff_t>(steps_),
                       [](float value) { return std::isnan(value); });
}

void DayRow::put(std::size_t at, float mean, float min, float max) {
    const bool is_range_known = !std::isnan(min) && !std::isnan(max) && !std::isnan(mean);
    if (is_range_known) {
        widen();
    }
    // A NaN of ours that meant something in a tile is an ordinary one here.
    data_[at] = std::isnan(mean) ? unknown_value : mean;
    if (data_.size() == wide * steps_) {
        data_[steps_ + at] = is_range_known ? min : data_[at];
        data_[2 * steps_ + at] = is_range_known ? max : data_[at];
    }
}

void DayRow::clear(std::size_t begin, std::size_t end) {
    for (std::size_t column = 0; column < data_.size(); column += steps_) {
        std::fill(data_.begin() + static_cast<std::ptrdiff_t>(column + begin),
                  data_.begin() + static_cast<std::ptrdiff_t>(column + end), unknown_value);
    }
}

std::string_view DayRow::bytes() const {
    return as_bytes(data_);
}

bool DayRow::assign(std::string_view bytes) {
    const std::size_t narrow = steps_ * sizeof(float);
    if (bytes.size() != narrow && bytes.size() != wide * narrow) {
        return false;
    }
    data_.resize(bytes.size() / sizeof(float));
    std::memcpy(data_.data(), bytes.data(), bytes.size());
    return true;
}

void DayRow::widen() {
    if (data_.size() == steps_) {
        data_.resize(wide * steps_);
        std::copy_n(data_.begin(), steps_, data_.begin() + static_cast<std::ptrdiff_t>(steps_));
        std::copy_n(data_.begin(), steps_, data_.begin() + static_cast<std::ptrdiff_t>(2 * steps_));
    }
}

// ---- Tile ----

const float Tile::absent = std::bit_cast<float>(absent_bits);

bool Tile::is_absent(float value) {
    return std::bit_cast<std::uint32_t>(value) == absent_bits;
}

std::optional<Tile::Slot> Tile::get(std::size_t slot) const {
    return peek(columns(), bytes(), slot);
}

std::optional<Tile::Slot> Tile::peek(std::int64_t columns, std::string_view bytes, std::size_t slot) {
    const auto width = static_cast<std::size_t>(columns) * sizeof(float);
    if ((slot + 1) * width > bytes.size()) {
        return std::nullopt;
    }
    Slot out{absent, unknown_value, unknown_value};
    std::memcpy(&out.mean, bytes.data() + slot * width, sizeof(float));
    if (is_absent(out.mean)) {
        return std::nullopt;
    }
    if (columns == wide) {
        std::memcpy(&out.min, bytes.data() + slot * width + sizeof(float), sizeof(float));
        std::memcpy(&out.max, bytes.data() + slot * width + 2 * sizeof(float), sizeof(float));
    }
    return out;
}

void Tile::put(std::size_t slot, const Slot& value) {
    if (columns_ == 1 && !std::isnan(value.min) && !std::isnan(value.max)) {
        widen();
    }
    if (slot >= slots()) {
        data_.resize((slot + 1) * columns_, absent);
    }
    float* place = data_.data() + slot * columns_;
    place[0] = std::isnan(value.mean) ? unknown_value : value.mean;
    if (columns_ == wide) {
        place[1] = value.min;
        place[2] = value.max;
    }
}

void Tile::clear(std::size_t slot) {
    if (slot < slots()) {
        data_[slot * columns_] = absent;
    }
}

void Tile::widen() {
    std::vector<float> anew(slots() * wide, unknown_value);
    for (std::size_t slot = 0; slot < slots(); ++slot) {
        anew[slot * wide] = data_[slot];
    }
    data_ = std::move(anew);
    columns_ = wide;
}

std::string_view Tile::bytes() const {
    return as_bytes(data_);
}

bool Tile::assign(std::int64_t columns, std::string_view bytes) {
    if (columns != 1 && columns != wide) {
        return false;
    }
    const std::size_t width = static_cast<std::size_t>(columns) * sizeof(float);
    if (bytes.size() % width != 0 || bytes.size() / width > static_cast<std::size_t>(series)) {
        return false;
    }
    columns_ = static_cast<std::size_t>(columns);
    data_.resize(bytes.size() / sizeof(float));
    std::memcpy(data_.data(), bytes.data(), bytes.size());
    return true;
}

}  // namespace headroom::store
