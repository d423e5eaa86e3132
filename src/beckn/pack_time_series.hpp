#pragma once

#include "beckn/lts_node.hpp"
#include "flex/interval_grid.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::beckn::lts {

/// Of a price per kWh, so that it is told in whole micro-units per MWh.
inline constexpr int per_kwh_decimals = 9;

/// One payload type of a time series: its values by slot, none where the slot has none.
struct SeriesColumn {
    std::string type;
    std::string units;  ///< as declared: "KW", "INR_PER_KWH"
    std::string currency;
    std::vector<std::vector<Node>> values;
};

/// A time series as OpenADR 3.1 writes it, on equal steps.
struct Series {
    Node intervals;
    UtcTime start{};
    milliseconds step{};
    std::size_t slots = 0;
    std::vector<SeriesColumn> columns;

    /// The first column by one of the names, or nullptr.
    [[nodiscard]] const SeriesColumn* find(std::initializer_list<std::string_view> names) const;
};

/// Faults when the ids of the intervals are not 0 to n-1, each once, or a step is of another length. A series
/// without its own period takes that of `fallback`.
[[nodiscard]] std::optional<Series> read_series(const Node& node,
                                                const flex::IntervalGrid* fallback = nullptr);

/// A power from a value in the column's units (W, KW, MW; KW when it names none), in W.
[[nodiscard]] std::optional<std::int64_t> power_w(const SeriesColumn& column, const Node& value,
                                                  std::int64_t min, Rounding rounding = Rounding::exact);
/// A price from a value in the column's units (…_PER_KWH, …_PER_MWH), in micro-units per MWh.
[[nodiscard]] std::optional<std::int64_t> price_per_mwh(const SeriesColumn& column, const Node& value,
                                                        std::int64_t min);
/// "INR" of INR_PER_KWH, or the column's own currency.
[[nodiscard]] std::string currency_of(const SeriesColumn& column);

using ReadValue = std::optional<std::int64_t> (*)(const SeriesColumn&, const Node&);
/// One value for every slot: the mean where a slot has several. A fault when a slot has none.
[[nodiscard]] std::optional<flex::IntervalGrid> grid_of(const Series& series, const SeriesColumn& column,
                                                        ReadValue read);

struct WrittenColumn {
    std::string_view type;
    std::string units;
    std::string_view inserted_by;     ///< "buyer", "seller"; empty: a meter's reading
    std::vector<json::Array> values;  ///< by slot
};
/// The members that every series has: intervalPeriod, payloadDescriptors, intervals.
void append_series(std::vector<json::Object::Member>& members, UtcTime start, milliseconds step,
                   std::size_t slots, std::vector<WrittenColumn> columns);
[[nodiscard]] std::vector<json::Array> kw_values(const flex::IntervalGrid& grid);
[[nodiscard]] std::vector<json::Array> per_kwh_values(const flex::IntervalGrid& grid);

}  // namespace headroom::beckn::lts
