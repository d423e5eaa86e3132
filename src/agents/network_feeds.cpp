#include "agents/network_feeds.hpp"

#include "core/geo.hpp"
#include "core/log.hpp"
#include "core/small_letters.hpp"
#include "features/half_hour_ring.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace headroom::agents {
namespace {

constexpr double same_site_km = 1.0;
constexpr double kva_per_mva = 1'000.0;
constexpr std::size_t words_max = 300;

/// As far back as anybody looks: a training, a scenario.
constexpr std::chrono::days dispatches_back{120};
/// The dataset grows once a month.
constexpr hours dispatches_every{12};

/// How a feed stands that has answered.
template <class T>
void note_answer(FeedStanding& standing, const NetworkRecords<T>& answer, UtcTime now) {
    standing.fault.clear();
    standing.answered = answer.origin.fetched == UtcTime{} ? now : answer.origin.fetched;
    standing.url = answer.origin.url;
    standing.licence = answer.origin.licence;
    standing.records = static_cast<std::int64_t>(answer.values.size());
    standing.quarantined = static_cast<std::int64_t>(answer.faults_total);
    standing.not_believed = answer.faults;
    standing.not_believed.resize(std::min(standing.not_believed.size(), feed_faults_kept));
}

bool is_set_by_feed(const grid::StateEntry& entry) {
    return entry.source.starts_with(fault_feed);
}

std::string words_of(const feeds::ukpn::LiveFault& fault) {
    std::string text =
        (fault.kind.empty() ? std::string("power cut") : small_letters(fault.kind) + " power cut") + " " +
        fault.reference;
    if (fault.customers > 0) {
        text += ", " + std::to_string(fault.customers) + " customers";
    }
    if (fault.restoration_expected) {
        text += ", restoration expected " + format_utc(*fault.restoration_expected);
    }
    return text.substr(0, words_max);
}

const grid::Substation* nearest(const grid::Network& network, GeoPoint at) {
    const grid::Substation* found = nullptr;
    double best = fault_near_km;
    for (const grid::Substation& each : network.substations()) {
        if (each.lat == 0.0 && each.lon == 0.0) {
            continue;  // nobody said where it stands
        }
        const double distance = kilometres_between(at, {each.lat, each.lon});
        if (distance <= best && (found == nullptr || distance < best)) {
            found = &each;
            best = distance;
        }
    }
    return found;
}

bool is_same_site(const grid::Substation& ours, const feeds::ukpn::PrimarySite& site) {
    if (ours.source_ref == site.id || ours.id.value == site.id) {
        return true;
    }
    const bool has_places = site.lat && site.lon && (ours.lat != 0.0 || ours.lon != 0.0);
    return has_places && !site.name.empty() && small_letters(ours.name) == small_letters(site.name) &&
           kilometres_between({ours.lat, ours.lon}, {*site.lat, *site.lon}) <= same_site_km;
}

grid::Limit limit_of(const grid::Substation& substation, grid::Season season, double mva,
                     const std::string& source) {
    grid::Limit limit;
    limit.asset = substation.id.value;
    limit.quantity = grid::Quantity::s_kva;
    limit.season = season;
    limit.value = grid::round_to_thousandths(mva * kva_per_mva);
    limit.source = source;
    return limit;
}

}  // namespace

std::vector<FaultAtElement> faults_at(const grid::Network& network,
                                      const std::vector<feeds::ukpn::LiveFault>& faults, UtcTime now) {
    std::map<std::string, FaultAtElement> found;
    for (const feeds::ukpn::LiveFault& fault : faults) {
        const bool is_over = fault.restored && *fault.restored <= now;
        if (is_over || !fault.lat || !fault.lon) {
            continue;
        }
        if (const grid::Substation* at = nearest(network, {*fault.lat, *fault.lon})) {
            found.try_emplace(at->id.value, FaultAtElement{.element = at->id.value,
                                                           .reference = fault.reference,
                                                           .detail = words_of(fault)});
        }
    }
    std::vector<FaultAtElement> out;
    for (auto& [element, fault] : found) {
        out.push_back(std::move(fault));
    }
    return out;
}

std::vector<StateChange> changes_by_faults(const grid::OperationalStates& states,
                                           const std::vector<FaultAtElement>& faults, UtcTime now) {
    std::vector<StateChange> changes;
    for (const FaultAtElement& fault : faults) {
        const grid::StateEntry entry = states.of(fault.element);
        if (entry.state != grid::OperationalState::normal || entry.held_by_engineer) {
            continue;
        }
        changes.push_back({fault.element,
                           {.state = grid::OperationalState::abnormal,
                            .since = now,
                            .source = std::string(fault_feed) + " " + fault.reference,
                            .person = {}},
                           fault.detail});
    }
    for (const auto& [element, entry] : states.entries()) {
        const bool is_still = std::any_of(faults.begin(), faults.end(), [&](const FaultAtElement& fault) {
            return fault.element == element;
        });
        const bool is_ours = entry.state == grid::OperationalState::abnormal && is_set_by_feed(entry) &&
                             !entry.held_by_engineer;
        if (is_ours && !is_still) {
            changes.push_back({element,
                               {.state = grid::OperationalState::normal,
                                .since = now,
                                .source = std::string(fault_feed),
                                .person = {}},
                               "no power cut is published here any more"});
        }
    }
    return changes;
}

std::vector<grid::Limit> ratings_from(const grid::Network& network,
                                      const std::vector<feeds::ukpn::PrimarySite>& sites, UtcTime as_of) {
    const std::string source = "ukpn grid-and-primary-sites " + format_utc(as_of).substr(0, 10);
    std::vector<grid::Limit> limits;
    for (const grid::Substation& substation : network.substations()) {
        if (substation.rating.value > 0.0 || !network.limits_of(substation.id.value).empty()) {
            continue;
        }
        const auto site = std::find_if(sites.begin(), sites.end(), [&](const feeds::ukpn::PrimarySite& each) {
            return is_same_site(substation, each);
        });
        if (site == sites.end()) {
            continue;
        }
        if (site->rating_summer_mva && *site->rating_summer_mva > 0.0) {
            limits.push_back(limit_of(substation, grid::Season::summer, *site->rating_summer_mva, source));
        }
        if (site->rating_winter_mva && *site->rating_winter_mva > 0.0) {
            limits.push_back(limit_of(substation, grid::Season::winter, *site->rating_winter_mva, source));
        }
    }
    return limits;
}

NetworkFeeds::NetworkFeeds(Parts parts, milliseconds every)
    : parts_(std::move(parts)), loop_(parts_.executor, every, "feeds") {}

void NetworkFeeds::start() {
    loop_.start([this] { return round(); });
}

Awaitable<void> NetworkFeeds::round() {
    co_await take_faults();
    if (!loop_.is_stopped()) {
        co_await take_sites();
    }
    if (!loop_.is_stopped() && parts_.wall.now() >= dispatches_due_) {
        co_await take_dispatches();
    }
}

Awaitable<void> NetworkFeeds::take_faults() {
    faults_.asked = parts_.wall.now();
    auto job = [ask = parts_.ask_faults] { return ask(); };
    const Result<NetworkRecords<feeds::ukpn::LiveFault>> found = co_await loop_.ask(std::move(job));
    if (!found) {
        // The states stay as they are: that nothing answers does not mend a cable.
        faults_.fault = found.error().message;
        co_return;
    }
    note_answer(faults_, *found, parts_.wall.now());
    const std::vector<FaultAtElement> here = faults_at(parts_.network, found->values, parts_.wall.now());
    for (StateChange& change : changes_by_faults(parts_.states, here, parts_.clock.now())) {
        Caller caller{.id = std::string(fault_feed),
                      .kind = "system",
                      .role = "operator",
                      .ip = {},
                      .reason = change.reason};
        const std::string element = change.element;
        const Result<void> done =
            co_await parts_.set_state(std::move(change.element), std::move(change.entry), std::move(caller));
        if (done) {
            faults_.effects += 1;
        } else {
            log::warn("a state could not be set on the word of a feed",
                      {{"element", element}, {"error", done.error().message}});
        }
    }
}

Awaitable<void> NetworkFeeds::take_sites() {
    sites_.asked = parts_.wall.now();
    auto job = [ask = parts_.ask_sites] { return ask(); };
    const Result<NetworkRecords<feeds::ukpn::PrimarySite>> found = co_await loop_.ask(std::move(job));
    if (!found) {
        sites_.fault = found.error().message;
        co_return;
    }
    note_answer(sites_, *found, parts_.wall.now());
    const std::vector<grid::Limit> limits = ratings_from(parts_.network, found->values, parts_.wall.now());
    if (limits.empty()) {
        co_return;
    }
    grid::Network network = parts_.network;
    for (const grid::Limit& limit : limits) {
        const Result<void> added = network.add(limit);
        if (!added) {
            log::warn("a published rating is not taken",
                      {{"substation", limit.asset}, {"error", added.error().message}});
            continue;
        }
        sites_.effects += 1;
    }
    parts_.adopt(std::move(network));
}

Awaitable<void> NetworkFeeds::take_dispatches() {
    const UtcTime now = parts_.wall.now();
    dispatches_.asked = now;
    const UtcTime from = UtcTime{std::chrono::floor<std::chrono::days>(now)} - dispatches_back;
    auto job = [ask = parts_.ask_dispatches, from] { return ask(from); };
    const Result<NetworkRecords<feeds::ukpn::FlexibilityDispatch>> found = co_await loop_.ask(std::move(job));
    if (!found) {
        // What was kept of an earlier answer stands.
        dispatches_.fault = found.error().message;
        co_return;
    }
    note_answer(dispatches_, *found, now);
    dispatches_due_ = now + dispatches_every;
    DispatchedLoad load = dispatched_load(parts_.network, found->values, features::period_index(from),
                                          features::period_index(now));
    dispatches_.quarantined += static_cast<std::int64_t>(load.not_believed.size());
    for (feeds::RowFault& fault : load.not_believed) {
        if (dispatches_.not_believed.size() < feed_faults_kept) {
            dispatches_.not_believed.push_back(std::move(fault));
        }
    }
    dispatches_.effects = 0;
    for (const auto& [element, half_hours] : load.kw) {
        dispatches_.effects += static_cast<std::int64_t>(half_hours.size());
        dispatched_.insert(element);
    }
    if (load.end == load.first) {
        co_return;  // nothing is published of these days
    }
    std::vector<store::SeriesBlock> blocks;
    for (const std::string& element : dispatched_) {  // also where the answer has taken something back
        blocks.push_back(dispatched_block(load, element));
    }
    parts_.keep(std::move(blocks));
}

}  // namespace headroom::agents
