#include "feeds/octopus_agile.hpp"

#include "feeds/read_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace headroom::feeds::octopus_agile {
namespace {

constexpr double pence_per_kwh_max = 500.0;
constexpr double gbp_per_mwh_of_pence_per_kwh = 10.0;

bool is_product(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isupper(c) != 0 || std::isdigit(c) != 0 || c == '-';
    });
}

void read_rate(RowReader& read, FaultBook& /*faults*/, UnitRate& rate) {
    rate.from = read.time("valid_from");
    rate.until = read.maybe_time("valid_to");
    rate.gbp_per_mwh_without_vat =
        read.number("value_exc_vat", -pence_per_kwh_max, pence_per_kwh_max) * gbp_per_mwh_of_pence_per_kwh;
    rate.gbp_per_mwh =
        read.number("value_inc_vat", -pence_per_kwh_max, pence_per_kwh_max) * gbp_per_mwh_of_pence_per_kwh;
    if (read.ok() && rate.until && *rate.until <= rate.from) {
        read.refuse("valid_to", "is not after valid_from");
    }
}

}  // namespace

Result<FeedRequest> unit_rates(std::string_view product, char gsp_group, UtcTime from, UtcTime until) {
    if (!is_product(product)) {
        return Error{Errc::invalid, "'" + std::string(product) + "' is no product: capitals, digits and '-'"};
    }
    if (gsp_group < 'A' || gsp_group > 'P' || gsp_group == 'I' || gsp_group == 'O') {
        return Error{Errc::invalid,
                     std::string("'") + gsp_group + "' is no GSP group: A to P without I and O"};
    }
    const auto instant = [](UtcTime time) { return format_utc(time).substr(0, 19) + "Z"; };
    return FeedRequest{
        fmt::format("/v1/products/{0}/electricity-tariffs/E-1R-{0}-{1}/standard-unit-rates/", product,
                    gsp_group),
        {{"period_from", instant(from)}, {"period_to", instant(until)}, {"page_size", "1500"}}};
}

Result<FeedValues<UnitRate>> decode_unit_rates(std::string_view body) {
    Result<ReadRows<UnitRate>> read = read_rows<UnitRate>(body, "/results", read_rate);
    if (!read) {
        return read.error();
    }
    FeedValues<UnitRate> out = std::move(read->values);
    std::sort(out.values.begin(), out.values.end(),
              [](const UnitRate& a, const UnitRate& b) { return a.from < b.from; });
    out.next = read->answer.text("/next");
    return out;
}

}  // namespace headroom::feeds::octopus_agile
