#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace headroom {

/// A number that knows its unit. Arithmetic stays within the unit; conversions are the functions below.
template <class Tag, class Rep>
struct UnitValue {
    using rep = Rep;
    Rep value{};

    constexpr UnitValue() = default;
    constexpr explicit UnitValue(Rep v) : value(v) {}

    constexpr auto operator<=>(const UnitValue&) const = default;
    constexpr UnitValue operator+(UnitValue other) const {
        return UnitValue{static_cast<Rep>(value + other.value)};
    }
    constexpr UnitValue operator-(UnitValue other) const {
        return UnitValue{static_cast<Rep>(value - other.value)};
    }
    constexpr UnitValue operator-() const { return UnitValue{static_cast<Rep>(-value)}; }
    constexpr UnitValue& operator+=(UnitValue other) {
        value = static_cast<Rep>(value + other.value);
        return *this;
    }
    constexpr UnitValue& operator-=(UnitValue other) {
        value = static_cast<Rep>(value - other.value);
        return *this;
    }
    constexpr UnitValue operator*(Rep factor) const { return UnitValue{static_cast<Rep>(value * factor)}; }
};

/// Measured and forecast quantities: binary floating point.
using Kilowatts = UnitValue<struct KilowattsTag, double>;
using KilowattHours = UnitValue<struct KilowattHoursTag, double>;

/// Decided and settled quantities: integers. Import to load is positive.
using Watts = UnitValue<struct WattsTag, std::int64_t>;
using WattHours = UnitValue<struct WattHoursTag, std::int64_t>;
/// Millionths of a pound.
using MicroPounds = UnitValue<struct MicroPoundsTag, std::int64_t>;
/// A price: millionths of a pound for one megawatt-hour.
using MicroPoundsPerMwh = UnitValue<struct MicroPoundsPerMwhTag, std::int64_t>;

inline namespace literals {
constexpr Kilowatts operator""_kW(long double v) {
    return Kilowatts{static_cast<double>(v)};
}
constexpr Kilowatts operator""_kW(unsigned long long v) {
    return Kilowatts{static_cast<double>(v)};
}
constexpr KilowattHours operator""_kWh(long double v) {
    return KilowattHours{static_cast<double>(v)};
}
constexpr KilowattHours operator""_kWh(unsigned long long v) {
    return KilowattHours{static_cast<double>(v)};
}
constexpr Watts operator""_W(unsigned long long v) {
    return Watts{static_cast<std::int64_t>(v)};
}
constexpr WattHours operator""_Wh(unsigned long long v) {
    return WattHours{static_cast<std::int64_t>(v)};
}
}  // namespace literals

/// Energy of a constant power over a time.
constexpr KilowattHours operator*(Kilowatts power, std::chrono::milliseconds time) {
    return KilowattHours{power.value * (static_cast<double>(time.count()) / 3'600'000.0)};
}

/// Nearest whole watt, halves to even. Precondition: finite and below 9e12 kW.
[[nodiscard]] Watts to_watts(Kilowatts power);
[[nodiscard]] WattHours to_watt_hours(KilowattHours energy);
constexpr Kilowatts to_kilowatts(Watts power) {
    return Kilowatts{static_cast<double>(power.value) / 1000.0};
}
constexpr KilowattHours to_kilowatt_hours(WattHours energy) {
    return KilowattHours{static_cast<double>(energy.value) / 1000.0};
}

/// All of something, in the parts per million in which shares and probabilities are counted.
inline constexpr std::int64_t whole_ppm = 1'000'000;

/// numerator/denominator to the nearest integer, halves to even; denominator > 0. Exact for any 64-bit
/// inputs.
[[nodiscard]] std::int64_t divide_half_even(std::int64_t numerator, std::int64_t denominator);
/// a * b / denominator with a 128-bit product, halves to even; denominator > 0.
[[nodiscard]] std::int64_t multiply_divide_half_even(std::int64_t a, std::int64_t b,
                                                     std::int64_t denominator);

/// Energy of a constant power over a time, halves to even.
[[nodiscard]] WattHours energy_of(Watts power, std::chrono::milliseconds time);
/// The one place where prices and energies meet: energy * price, to the micro-pound, halves to even.
[[nodiscard]] MicroPounds cost_of(WattHours energy, MicroPoundsPerMwh price);
/// Whole pence of an amount, halves to even: how a line of a document is rounded, once (6.365 pounds are 636
/// pence).
[[nodiscard]] std::int64_t round_to_pence(MicroPounds amount);

}  // namespace headroom
