#include "feeds/elexon.hpp"

#include "feeds/read_rows.hpp"

#include <map>
#include <utility>

namespace headroom::feeds::elexon {
namespace {

constexpr double price_max = 10'000.0;  // GBP/MWh; the cap of the imbalance price is 6,000
constexpr double energy_max_mwh = 60'000.0;
constexpr double demand_max_mw = 100'000.0;
constexpr int periods_max = 50;

constexpr std::string_view rows_at = "/data";

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
    Result<ReadRows<SystemPrice>> read =
        read_rows<SystemPrice>(body, rows_at, [](RowReader& row, FaultBook& /*faults*/, SystemPrice& price) {
            price.start = start_of_row(row, &price.period);
            price.sell_gbp_per_mwh = row.number("systemSellPrice", -price_max, price_max);
            price.buy_gbp_per_mwh = row.number("systemBuyPrice", -price_max, price_max);
            price.imbalance_mwh = row.maybe("netImbalanceVolume", -energy_max_mwh, energy_max_mwh);
        });
    return read ? Result<FeedValues<SystemPrice>>(std::move(read->values)) : read.error();
}

Result<FeedValues<MarketPrice>> decode_market_index(std::string_view body) {
    struct Trade {
        UtcTime start{};
        double price = 0.0;
        double volume = 0.0;
    };
    Result<ReadRows<Trade>> read =
        read_rows<Trade>(body, rows_at, [](RowReader& row, FaultBook& /*faults*/, Trade& trade) {
            trade.start = start_of_row(row, nullptr);
            trade.price = row.number("price", -price_max, price_max);
            trade.volume = row.number("volume", 0.0, energy_max_mwh);
        });
    if (!read) {
        return read.error();
    }
    struct Sum {
        double volume = 0.0;
        double money = 0.0;
    };
    std::map<UtcTime, Sum> sums;
    for (const Trade& trade : read->values.values) {
        Sum& sum = sums[trade.start];
        sum.volume += trade.volume;
        sum.money += trade.price * trade.volume;
    }
    FeedValues<MarketPrice> out;
    for (const auto& [start, sum] : sums) {
        out.values.push_back(
            {start, sum.volume > 0.0 ? std::optional(sum.money / sum.volume) : std::nullopt, sum.volume});
    }
    out.faults = std::move(read->values.faults);
    out.faults_total = read->values.faults_total;
    return out;
}

namespace {

/// Rows of demand, the newest of each half-hour; `names` are the members with national and transmission
/// demand.
template <class T>
Result<FeedValues<T>> newest_demand(std::string_view body, std::pair<const char*, const char*> names) {
    Result<ReadRows<T>> read =
        read_rows<T>(body, rows_at, [&names](RowReader& row, FaultBook& /*faults*/, T& demand) {
            demand.start = start_of_row(row, nullptr);
            demand.published = row.time("publishTime");
            demand.national_mw = row.number(names.first, 0.0, demand_max_mw);
            demand.transmission_mw = row.number(names.second, 0.0, demand_max_mw);
        });
    if (!read) {
        return read.error();
    }
    std::map<UtcTime, T> newest;
    for (const T& demand : read->values.values) {
        const auto [known, is_new] = newest.try_emplace(demand.start, demand);
        if (!is_new && known->second.published < demand.published) {
            known->second = demand;
        }
    }
    FeedValues<T> out;
    for (const auto& [start, demand] : newest) {
        out.values.push_back(demand);
    }
    out.faults = std::move(read->values.faults);
    out.faults_total = read->values.faults_total;
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
