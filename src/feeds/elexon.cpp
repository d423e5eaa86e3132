#include "feeds/elexon.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace headroom::feeds::elexon {
namespace {

constexpr double price_max = 10'000.0;  // GBP/MWh; the cap of the imbalance price is 6,000
constexpr double energy_max_mwh = 60'000.0;
constexpr double demand_max_mw = 100'000.0;
constexpr int periods_max = 50;

using Rows = std::vector<const json::Value*>;

Result<Rows> rows_of(const Result<json::Value>& answer) {
    return answer ? items_at(*answer, "/data") : Result<Rows>(answer.error());
}

/// The settlement period that a row names, held against its own start.
UtcTime start_of_row(RowReader& read, SettlementPeriod* named) {
    const UtcTime start = read.time("startTime");
    const Result<Date> date = parse_date(read.text("settlementDate", 10));
    const auto number = static_cast<int>(read.integer("settlementPeriod", 1, periods_max));
    if (!read.ok()) {
        return start;
    }
    if (!date) {
        read.refuse("settlementDate", date.error().message);
        return start;
    }
    const SettlementPeriod period{*date, number};
    const Result<UtcTime> expected = headroom::start_of(period);
    if (!expected) {
        read.refuse("settlementPeriod", expected.error().message);
    } else if (*expected != start) {
        read.refuse("startTime", "is not where settlement period " + std::to_string(number) + " begins, " +
                                     format_utc(*expected));
    }
    if (named != nullptr) {
        *named = period;
    }
    return start;
}

}  // namespace

FeedRequest system_prices(Date settlement_date) {
    return {"/balancing/settlement/system-prices/" + format_date(settlement_date), {{"format", "json"}}};
}

FeedRequest market_index(UtcTime from, UtcTime until) {
    return {"/balancing/pricing/market-index",
            {{"from", format_utc(from).substr(0, 16) + "Z"},
             {"to", format_utc(until).substr(0, 16) + "Z"},
             {"format", "json"}}};
}

FeedRequest demand_day_ahead() {
    return {"/forecast/demand/day-ahead", {{"format", "json"}}};
}

FeedRequest demand_outturn(Date first, Date last) {
    return {"/demand/outturn",
            {{"settlementDateFrom", format_date(first)},
             {"settlementDateTo", format_date(last)},
             {"format", "json"}}};
}

Result<FeedValues<SystemPrice>> decode_system_prices(std::string_view body) {
    const Result<json::Value> answer = parse_answer(body);
    const Result<Rows> rows = rows_of(answer);
    if (!rows) {
        return rows.error();
    }
    FaultBook faults;
    FeedValues<SystemPrice> out;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        RowReader read(*(*rows)[i], fmt::format("/data/{}", i), faults);
        SystemPrice price;
        price.start = start_of_row(read, &price.period);
        price.sell_gbp_per_mwh = read.number("systemSellPrice", -price_max, price_max);
        price.buy_gbp_per_mwh = read.number("systemBuyPrice", -price_max, price_max);
        price.imbalance_mwh = read.maybe("netImbalanceVolume", -energy_max_mwh, energy_max_mwh);
        if (read.ok()) {
            out.values.push_back(price);
        }
    }
    faults.give(out);
    return out;
}

Result<FeedValues<MarketPrice>> decode_market_index(std::string_view body) {
    const Result<json::Value> answer = parse_answer(body);
    const Result<Rows> rows = rows_of(answer);
    if (!rows) {
        return rows.error();
    }
    struct Sum {
        double volume = 0.0;
        double money = 0.0;
    };
    FaultBook faults;
    std::map<UtcTime, Sum> sums;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        RowReader read(*(*rows)[i], fmt::format("/data/{}", i), faults);
        const UtcTime start = start_of_row(read, nullptr);
        const double price = read.number("price", -price_max, price_max);
        const double volume = read.number("volume", 0.0, energy_max_mwh);
        if (read.ok()) {
            Sum& sum = sums[start];
            sum.volume += volume;
            sum.money += price * volume;
        }
    }
    FeedValues<MarketPrice> out;
    for (const auto& [start, sum] : sums) {
        out.values.push_back(
            {start, sum.volume > 0.0 ? std::optional(sum.money / sum.volume) : std::nullopt, sum.volume});
    }
    faults.give(out);
    return out;
}

namespace {

/// Rows of demand, the newest of each half-hour; `names` are the members with national and transmission
/// demand.
template <class T>
Result<FeedValues<T>> newest_demand(std::string_view body, std::pair<const char*, const char*> names) {
    const Result<json::Value> answer = parse_answer(body);
    const Result<Rows> rows = rows_of(answer);
    if (!rows) {
        return rows.error();
    }
    FaultBook faults;
    std::map<UtcTime, T> newest;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        RowReader read(*(*rows)[i], fmt::format("/data/{}", i), faults);
        T demand;
        demand.start = start_of_row(read, nullptr);
        demand.published = read.time("publishTime");
        demand.national_mw = read.number(names.first, 0.0, demand_max_mw);
        demand.transmission_mw = read.number(names.second, 0.0, demand_max_mw);
        if (!read.ok()) {
            continue;
        }
        const auto [known, is_new] = newest.try_emplace(demand.start, demand);
        if (!is_new && known->second.published < demand.published) {
            known->second = demand;
        }
    }
    FeedValues<T> out;
    for (const auto& [start, demand] : newest) {
        out.values.push_back(demand);
    }
    faults.give(out);
    return out;
}

}  // namespace

Result<FeedValues<DemandForecast>> decode_demand(std::string_view body) {
    return newest_demand<DemandForecast>(body, {"nationalDemand", "transmissionSystemDemand"});
}

Result<FeedValues<DemandOutturn>> decode_demand_outturn(std::string_view body) {
    return newest_demand<DemandOutturn>(body,
                                        {"initialDemandOutturn", "initialTransmissionSystemDemandOutturn"});
}

}  // namespace headroom::feeds::elexon
