#include "rehearsal/report.hpp"

#include <cmath>

namespace headroom::rehearsal {
namespace {

double gbp(MicroPounds amount) {
    return static_cast<double>(amount.value) / 1e6;
}

/// null for what is not known.
json::Value number(double value) {
    return std::isnan(value) ? json::Value() : json::Value(value);
}

json::Object of_limit(const grid::Limit& limit) {
    return json::Object{{"feeder_id", limit.asset},
                        {"phase", grid::to_string(limit.phase)},
                        {"direction", grid::to_string(limit.direction)},
                        {"limit_kw", limit.value},
                        {"limit_source", limit.source},
                        {"limit_verified_by", limit.verified_by}};
}

json::Object of_overload(const Rehearsal& all, const OverloadOutcome& overload) {
    json::Object out = of_limit(all.limits[overload.limit].watched.limit);
    out.set("start", format_utc(time_of(overload.first)));
    out.set("end", format_utc(time_of(overload.end)));
    out.set("peak_kw", overload.peak_kw);
    out.set("energy_kwh", overload.energy_kwh);
    out.set("left_kwh", overload.left_kwh);
    out.set("outcome", to_string(overload.fate));
    return out;
}

json::Object of_alarm(const Rehearsal& all, const AlarmOutcome& alarm) {
    json::Object out = of_limit(all.limits[alarm.limit].watched.limit);
    out.set("start", format_utc(time_of(alarm.first)));
    out.set("end", format_utc(time_of(alarm.end)));
    out.set("foretold_kw", alarm.foretold_kw);
    out.set("peak_kw", alarm.peak_kw);
    out.set("outcome", to_string(alarm.fate));
    json::Array refused;
    for (const std::string& why : alarm.purchase.refused) {
        refused.emplace_back(why);
    }
    out.set("purchase", json::Object{{"needed_kwh", to_kilowatt_hours(alarm.purchase.needed).value},
                                     {"bought_kwh", to_kilowatt_hours(alarm.purchase.bought).value},
                                     {"cost_gbp", gbp(alarm.purchase.cost)},
                                     {"shortfall_kw", to_kilowatts(alarm.purchase.shortfall_peak).value},
                                     {"orders", static_cast<std::int64_t>(alarm.purchase.orders)},
                                     {"is_price_assumed", alarm.purchase.is_assumed},
                                     {"refused", std::move(refused)}});
    return out;
}

json::Object of_feeder(const FeederScore& feeder) {
    json::Array because;
    for (const std::string& reason : feeder.because) {
        because.emplace_back(reason);
    }
    const LimitScore& score = feeder.score;
    return json::Object{{"feeder_id", feeder.feeder},
                        {"substation", feeder.substation},
                        {"fit", to_string(feeder.fit)},
                        {"because", std::move(because)},
                        {"limits", static_cast<std::int64_t>(feeder.limits)},
                        {"days", score.days},
                        {"data_share", number(feeder.data_share())},
                        {"overloads", static_cast<std::int64_t>(score.overloads)},
                        {"hit", static_cast<std::int64_t>(score.hit)},
                        {"late", static_cast<std::int64_t>(score.late)},
                        {"missed", static_cast<std::int64_t>(score.missed)},
                        {"alarms", static_cast<std::int64_t>(score.alarms)},
                        {"early", static_cast<std::int64_t>(score.early)},
                        {"needless", static_cast<std::int64_t>(score.needless)},
                        {"feeder_winters", feeder.feeder_winters()},
                        {"missed_per_feeder_winter", feeder.missed_per_winter()},
                        {"needless_per_feeder_winter", feeder.needless_per_winter()},
                        {"p90_coverage", number(feeder.coverage_p90())},
                        {"energy_over_kwh", score.energy_kwh},
                        {"energy_left_kwh", score.left_kwh},
                        {"needed_kwh", to_kilowatt_hours(score.needed).value},
                        {"bought_kwh", to_kilowatt_hours(score.bought).value},
                        {"cost_gbp", gbp(score.cost)},
                        {"needless_cost_gbp", gbp(score.cost_needless)}};
}

json::Object of_unmonitored(const UnmonitoredFeeder& feeder) {
    return json::Object{{"feeder_id", feeder.feeder},
                        {"kind", feeder.kind},
                        {"rating_kw", feeder.rating_kw},
                        {"estimated_peak_kw", json::Object{{"low", feeder.peak_low_kw},
                                                           {"middle", feeder.peak_kw},
                                                           {"high", feeder.peak_high_kw}}},
                        {"estimated_from", feeder.is_from_busbar ? "busbar" : "feeders like it"},
                        {"feeders_like_it", static_cast<std::int64_t>(feeder.like)},
                        {"fit", to_string(Fit::shadow)}};
}

}  // namespace

json::Object report_json(const Rehearsal& rehearsal, const ReportFacts& facts) {
    json::Object out = of_feeder(rehearsal.all);
    out.set("feeder_id", json::Value());
    json::Array files;
    for (const std::string& file : facts.files) {
        files.emplace_back(file);
    }
    out.set("walked", json::Object{{"from", format_utc(time_of(rehearsal.first))},
                                   {"to", format_utc(time_of(rehearsal.end))},
                                   {"feeders", static_cast<std::int64_t>(rehearsal.feeders.size())},
                                   {"forecasts", static_cast<std::int64_t>(rehearsal.forecasts)},
                                   {"files", std::move(files)},
                                   {"readings", facts.readings},
                                   {"quarantined", facts.quarantined},
                                   {"doubted", facts.doubted},
                                   {"limits_from", facts.limits_from},
                                   {"offers_from", facts.offers_from}});
    out.set("alarm_quantile", rehearsal.alarm_quantile);
    json::Object coverage;
    for (std::size_t q = 0; q < forecast::quantile_count; ++q) {
        std::string name = std::to_string(forecast::quantiles[q]);
        name.erase(name.find_last_not_of('0') + 1);
        coverage.set(name, number(rehearsal.coverage[q]));
    }
    out.set("coverage", std::move(coverage));
    json::Array overloads, alarms, feeders, unmonitored;
    for (const OverloadOutcome& overload : rehearsal.overloads) {
        overloads.emplace_back(of_overload(rehearsal, overload));
    }
    for (const AlarmOutcome& alarm : rehearsal.alarms) {
        alarms.emplace_back(of_alarm(rehearsal, alarm));
    }
    for (const FeederScore& feeder : rehearsal.feeders) {
        feeders.emplace_back(of_feeder(feeder));
    }
    for (const UnmonitoredFeeder& feeder : rehearsal.unmonitored) {
        unmonitored.emplace_back(of_unmonitored(feeder));
    }
    out.set("feeders", std::move(feeders));
    out.set("unmonitored", std::move(unmonitored));
    out.set("overload_list", std::move(overloads));
    out.set("alarm_list", std::move(alarms));
    return out;
}

}  // namespace headroom::rehearsal
