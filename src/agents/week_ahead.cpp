#include "agents/week_ahead.hpp"

#include "agents/training_histories.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"
#include "forecast/outlook_days.hpp"
#include "forecast/outlook_walk.hpp"
#include "grid/season.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <utility>

namespace headroom::agents {
namespace {

/// Assets that are read and reckoned in one go.
constexpr std::size_t assets_at_once = 8;
/// An outlook that nobody has asked for again so long is let go.
constexpr std::int64_t periods_a_day = 48;
constexpr std::int64_t kept_periods = 2 * periods_a_day;
constexpr std::size_t median = 3;  // of forecast::quantiles
constexpr std::size_t upper = 5;
static_assert(forecast::quantiles[median] == 0.5 && forecast::quantiles[upper] == 0.9);

std::string point_of(const grid::Limit& limit) {
    return telemetry::PointKey{limit.asset, limit.quantity, limit.phase}.text();
}

/// The tightest limit of each phase and direction in a season. An emergency limit is for people to use.
std::vector<grid::Limit> limits_in(const grid::Network& network, const std::string& asset,
                                   grid::Season season) {
    std::vector<grid::Limit> out;
    for (const grid::Limit* limit : network.limits_of(asset)) {
        const bool counts = limit->quantity == grid::Quantity::p_kw &&
                            limit->kind != grid::LimitKind::emergency &&
                            (limit->season == grid::Season::all || limit->season == season);
        if (!counts) {
            continue;
        }
        const auto same = std::find_if(out.begin(), out.end(), [limit](const grid::Limit& each) {
            return each.phase == limit->phase && each.direction == limit->direction;
        });
        if (same == out.end()) {
            out.push_back(*limit);
        } else if (limit->value < same->value) {
            *same = *limit;
        }
    }
    return out;
}

/// Half-hours [from, until) of one season.
struct SeasonSpan {
    grid::Season season = grid::Season::all;
    std::int64_t from = 0;
    std::int64_t until = 0;
};

std::vector<SeasonSpan> seasons_of(std::int64_t from, std::int64_t until) {
    std::vector<SeasonSpan> out;
    for (std::int64_t period = from; period < until; ++period) {
        const grid::Season season = grid::season_at(features::period_start(period));
        if (out.empty() || out.back().season != season) {
            out.push_back({season, period, period});
        }
        out.back().until = period + 1;
    }
    return out;
}

/// A limit that holds through several spans is one.
std::vector<LimitAhead> limits_ahead(const grid::Network& network, const std::string& asset,
                                     const std::vector<SeasonSpan>& spans) {
    std::vector<LimitAhead> out;
    for (const SeasonSpan& span : spans) {
        for (grid::Limit& limit : limits_in(network, asset, span.season)) {
            const auto before = std::find_if(out.begin(), out.end(), [&](const LimitAhead& each) {
                return each.until == span.from && each.limit.season == limit.season &&
                       each.limit.key() == limit.key();
            });
            if (before != out.end()) {
                before->until = span.until;
            } else {
                out.push_back({std::move(limit), span.from, span.until});
            }
        }
    }
    return out;
}

}  // namespace

class WeekAhead::AtWork {
  public:
    explicit AtWork(std::atomic<int>& count) : count_(count) { count_.fetch_add(1); }
    ~AtWork() { count_.fetch_sub(1); }
    AtWork(const AtWork&) = delete;
    AtWork& operator=(const AtWork&) = delete;

  private:
    std::atomic<int>& count_;
};

WeekAhead::WeekAhead(Parts parts, WeekAheadOptions options)
    : parts_(parts), options_(std::move(options)), worker_("week_ahead") {
    const auto review = milliseconds{std::llround(options_.rules.review_minutes * 60'000.0)};
    options_.every = std::min(options_.every, review);
}

WeekAhead::~WeekAhead() {
    stop();
}

void WeekAhead::stop() {
    is_stopping_.store(true, std::memory_order_release);
}

void WeekAhead::tick() {
    if (!options_.rules.is_on || is_looking_ || is_stopping_.load(std::memory_order_acquire) ||
        !parts_.orchestration.is_recovered()) {
        return;
    }
    std::vector<std::string> assets = due(parts_.clock.now());
    if (!assets.empty()) {
        is_looking_ = true;
        spawn(parts_.executor, look_at(std::move(assets)));
    }
}

/// As many of the round as of its time has passed; a round begins where the one before it has ended.
std::vector<std::string> WeekAhead::due(UtcTime now) {
    if (!began_ || now >= *began_ + options_.every) {
        began_ = now;
        next_ = 0;
        looked_ = 0;
        without_ = 0;
        without_because_.clear();
        std::set<std::string> assets;
        for (const grid::Limit& limit : parts_.network.limits()) {
            assets.insert(limit.asset);
        }
        round_.assign(assets.begin(), assets.end());
        const std::int64_t current = features::period_index(now);
        std::erase_if(kept_,
                      [current](const auto& each) { return each.second->origin + kept_periods < current; });
    }
    const double share =
        static_cast<double>((now - *began_).count()) / static_cast<double>(options_.every.count());
    const auto wanted = static_cast<std::size_t>(std::floor(share * static_cast<double>(round_.size()))) + 1;
    const std::size_t end = std::min({round_.size(), wanted, next_ + assets_at_once});
    const std::size_t from = std::exchange(next_, std::max(next_, end));
    return {round_.begin() + static_cast<std::ptrdiff_t>(from),
            round_.begin() + static_cast<std::ptrdiff_t>(next_)};
}

Awaitable<void> WeekAhead::look_at(std::vector<std::string> assets) {
    const AtWork at_work(at_work_);
    const std::int64_t from = features::period_index(parts_.clock.now()) + forecast::outlook_from;
    const std::vector<SeasonSpan> spans = seasons_of(from, from + options_.rules.days * periods_a_day);
    std::vector<LimitAhead> limits;
    std::vector<std::string> points;
    for (const std::string& asset : assets) {
        for (LimitAhead& ahead : limits_ahead(parts_.network, asset, spans)) {
            const grid::Limit& limit = ahead.limit;
            const telemetry::PointRef point = parts_.registry.find(limit.asset, limit.quantity, limit.phase);
            // What is not believed now is not looked ahead from.
            if (point == telemetry::no_point || parts_.monitor.view(point).distrusted) {
                continue;
            }
            points.push_back(point_of(limit));
            limits.push_back(std::move(ahead));
        }
    }
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
    const std::map<std::string, Kept> outlooks = co_await make(std::move(points));
    std::vector<risk::ForeseenOverload> found;
    for (const LimitAhead& ahead : limits) {
        const auto outlook = outlooks.find(point_of(ahead.limit));
        if (outlook == outlooks.end()) {
            continue;
        }
        for (risk::ForeseenOverload& each : overloads_at(ahead, *outlook->second)) {
            kept_.insert_or_assign(outlook->first, outlook->second);
            found.push_back(std::move(each));
        }
    }
    looked_ += static_cast<std::int64_t>(outlooks.size());
    for (const auto& [point, outlook] : outlooks) {
        if (outlook->load_w.empty()) {
            ++without_;
            without_because_ = point + ": " + outlook->reason;
        }
    }
    co_await raise(risk::one_a_window(std::move(found)));
    is_looking_ = false;
}

/// A point of which nothing is stored has none.
Awaitable<std::map<std::string, WeekAhead::Kept>> WeekAhead::make(std::vector<std::string> points) {
    const std::int64_t origin = features::period_index(parts_.clock.now());
    const UtcTime to = features::period_start(origin);
    const UtcTime from = to - period_length * forecast::outlook_past_periods;
    TrainingHistories read =
        co_await read_training_histories(parts_.series, std::move(points), from, to, is_stopping_);
    auto job = [histories = std::move(read.histories), origin, days = options_.rules.days,
                region = options_.region] {
        std::map<std::string, Kept> made;
        for (const forecast::LiveHistory& history : histories) {
            made.emplace(history.name, std::make_shared<const forecast::Outlook>(forecast::make_outlook(
                                           {history.first, history.kw}, origin, days, region, 0)));
        }
        return made;
    };
    co_return co_await worker_.run(std::move(job));
}

std::vector<risk::ForeseenOverload> WeekAhead::overloads_at(const LimitAhead& ahead,
                                                            const forecast::Outlook& outlook) const {
    // Nearer ones are the live forecasts' to see.
    const std::int64_t rows = std::ssize(outlook.load_w);
    const std::int64_t first = std::max(ahead.from - outlook.start, forecast::outlook_from);
    const std::int64_t end = std::min(ahead.until - outlook.start, rows);
    if (first >= end) {
        return {};
    }
    const grid::Limit& limit = ahead.limit;
    risk::RiskInput input;
    input.feeder = limit.asset;
    input.limit = limit;
    input.limit_w = std::llround(limit.value * 1000.0);
    input.now = parts_.clock.now();
    input.rules = options_.risk;
    const monitor::PointView point =
        parts_.monitor.view(parts_.registry.find(limit.asset, limit.quantity, limit.phase));
    // Weeks are stored of it, and since the start nothing may have come.
    input.source = point.readings > 0 ? parts_.registry.source(point.source) : "";
    input.forecast_start = features::period_start(outlook.start + first);
    for (std::int64_t row = first; row < end; ++row) {
        const forecast::QuantileRow& load_w = outlook.load_w[static_cast<std::size_t>(row)];
        input.forecast_w.emplace_back(load_w.begin(), load_w.end());
    }
    Result<std::vector<risk::ForeseenOverload>> found = risk::foreseen_overloads(std::move(input));
    if (!found) {
        log::error("a limit could not be judged a week ahead",
                   {{"limit", limit.key()}, {"error", found.error().message}});
        return {};
    }
    return std::move(*found);
}

Awaitable<void> WeekAhead::raise(std::vector<risk::ForeseenOverload> found) {
    for (risk::ForeseenOverload& each : found) {
        RaisedEvent raised{.overload = std::move(each.overload),
                           .input = std::move(each.input),
                           .forecast_method = risk::outlook_method,
                           .forecast_model = {},
                           .received = {}};
        const Result<void> started = co_await parts_.orchestration.raise(std::move(raised));
        if (started) {
            ++raised_;
        } else {
            log::error("an event a week ahead could not be started", {{"error", started.error().message}});
        }
    }
}

Awaitable<std::shared_ptr<const forecast::Outlook>> WeekAhead::outlook(std::string point) {
    const AtWork at_work(at_work_);
    std::vector<std::string> points{point};
    const std::map<std::string, Kept> made = co_await make(std::move(points));
    if (const auto found = made.find(point); found != made.end()) {
        co_return found->second;
    }
    forecast::Outlook none;
    none.origin = features::period_index(parts_.clock.now());
    none.start = none.origin;
    none.reason = "no half-hours of it are stored";
    co_return std::make_shared<const forecast::Outlook>(std::move(none));
}

Awaitable<void> WeekAhead::renew(const risk::Overload& overload) {
    const std::string point = point_of(overload.limit);
    const auto known = kept_.find(point);
    if (known != kept_.end() && known->second->origin == features::period_index(parts_.clock.now())) {
        co_return;
    }
    Kept made = co_await outlook(point);
    kept_.insert_or_assign(point, std::move(made));
}

LimitForecast WeekAhead::forecast(const risk::Overload& overload) const {
    const auto known = kept_.find(point_of(overload.limit));
    if (known == kept_.end()) {
        return {};
    }
    const forecast::Outlook& outlook = *known->second;
    const bool is_export = overload.limit.direction == grid::Direction::export_;
    const forecast::Outlook::ByLead& spread = is_export ? outlook.lower_kw : outlook.upper_kw;
    LimitForecast out;
    out.is_outlook = true;
    const std::int64_t first = features::period_index(overload.need.start);
    for (std::int64_t period = first; period < first + std::ssize(overload.need.w); ++period) {
        const std::int64_t row = period - outlook.start;
        if (row < 0 || row >= std::ssize(outlook.load_w)) {
            return {};
        }
        const forecast::QuantileRow& load_w = outlook.load_w[static_cast<std::size_t>(row)];
        out.median_w.push_back(load_w[median]);
        out.upper_w.push_back(load_w[upper]);
        out.rows_w.emplace_back(load_w.begin(), load_w.end());
        const std::size_t block = forecast::outlook_block(forecast::wall_place(options_.region, period).slot);
        std::vector<double>& by_lead = out.upper_by_lead_kw.emplace_back();
        for (const auto& lead : spread) {
            by_lead.push_back(lead[block]);
        }
    }
    return out;
}

AgentStatus WeekAhead::status() const {
    const std::string why = without_because_;
    return {.name = "week_ahead",
            .status = !options_.rules.is_on ? "idle"
                      : !began_             ? "initializing"
                                            : "active",
            .last_updated = began_.value_or(UtcTime{}),
            .metrics = json::object({{"points", looked_},
                                     {"without_outlook", without_},
                                     {"without_because", why},
                                     {"raised", raised_}})};
}

}  // namespace headroom::agents
