#include "agents/market_impl.hpp"
#include "core/units.hpp"

#include <algorithm>
#include <utility>

// What providers offer, as their catalogs come in.

namespace headroom::agents {

namespace {

constexpr std::size_t provider_refs_max = 100'000;
/// Searches whose late catalogs are kept for their next round.
constexpr std::size_t late_searches_max = 256;
/// Of every catalog of the message; none is good for longer than its catalog.
std::vector<flex::Offer> offers_in(const beckn::Body& message) {
    std::vector<flex::Offer> offers;
    for (const beckn::Catalog& catalog : beckn::catalogs_of(message)) {
        for (flex::Offer offer : catalog.offers) {
            if (catalog.expires && (offer.valid_until == UtcTime{} || *catalog.expires < offer.valid_until)) {
                offer.valid_until = *catalog.expires;
            }
            offers.push_back(std::move(offer));
        }
    }
    return offers;
}

}  // namespace

/// Whether the offers so far cover this share of the need in every half-hour.
bool Market::Impl::covers(const SearchRun& run, std::int64_t share_ppm) {
    if (run.goods == PeerGoods::computing) {
        return false;  // nobody's window stands for another's
    }
    const risk::PeriodPower& need = run.overload.need;
    for (std::size_t slot = 0; slot < need.w.size(); ++slot) {
        const UtcTime at = need.start + period_length * static_cast<std::int64_t>(slot);
        std::int64_t offered_w = 0;
        for (const flex::Offer& offer : run.result.offers) {
            const bool is_there = offer.available_from <= at && at + period_length <= offer.available_until;
            offered_w += is_there ? offer.power.value : 0;
        }
        if (offered_w < multiply_divide_half_even(need.w[slot], share_ppm, whole_ppm)) {
            return false;
        }
    }
    return true;
}

/// A catalog that came after its window drives nothing now; the next round of its search may use it.
void Market::Impl::keep_for_next_round(const Callback& callback) {
    if (callback.envelope.error) {
        return;
    }
    const std::string& transaction = callback.envelope.context.transaction_id;
    if (late_catalogs_.size() >= late_searches_max && !late_catalogs_.contains(transaction)) {
        late_catalogs_.erase(late_catalogs_.begin());
    }
    late_catalogs_[transaction][callback.peer->id] = std::make_shared<const Callback>(callback);
}

/// Windows of every catalog of the message that can still be had.
void Market::Impl::take_windows(SearchRun& run, const Callback& callback) const {
    const UtcTime wall = parts_.wall.now();
    for (const beckn::Catalog& catalog : beckn::catalogs_of(callback.envelope.message)) {
        for (flex::ComputeWindow window : catalog.windows) {
            if (window.valid_until == UtcTime{} || window.valid_until >= wall) {
                window.provider = callback.peer->id;
                run.result.windows.push_back(std::move(window));
            }
        }
    }
}

/// Takes the items that fit what was asked; answers what is wrong with the others.
std::string Market::Impl::take_items(SearchRun& run, const Callback& callback) {
    if (run.goods == PeerGoods::computing) {
        take_windows(run, callback);
        return callback.faults;
    }
    std::string faults = callback.faults;
    const bool wants_turn_up = run.overload.limit.direction == grid::Direction::export_;
    const UtcTime wall = parts_.wall.now();
    for (const flex::Offer& item : offers_in(callback.envelope.message)) {
        const bool is_expired = item.valid_until != UtcTime{} && item.valid_until < wall;
        const bool is_there =
            item.feeder == run.overload.feeder ||
            std::binary_search(run.feeders_below.begin(), run.feeders_below.end(), item.feeder);
        if (!is_there || item.turn_up != wants_turn_up || is_expired) {
            faults += faults.empty() ? "" : "; ";
            faults += "item " + item.id + " does not fit what was asked";
            continue;
        }
        flex::Offer offer = item;
        offer.provider = callback.peer->id;
        if (item.provider != callback.peer->id) {
            if (provider_refs_.size() >= provider_refs_max) {
                provider_refs_.clear();
            }
            provider_refs_[callback.peer->id + "/" + item.id] = item.provider;
        }
        run.result.offers.push_back(std::move(offer));
    }
    return faults;
}

/// Catalogs that came after the last round had closed stand in for who has not answered in this one, where
/// the others alone are too little: who is slow to offer is slow to deliver.
void Market::Impl::take_late(SearchRun& run) {
    if (covers(run, whole_ppm)) {
        return;
    }
    for (const auto& [provider, late] : run.late) {  // of who was found before and has not answered this time
        const bool is_listed =
            std::any_of(run.result.answers.begin(), run.result.answers.end(),
                        [&](const SearchAnswer& answer) { return answer.provider == provider; });
        if (!is_listed) {
            run.result.answers.push_back({.provider = provider,
                                          .answered = false,
                                          .fault = "no answer within the window",
                                          .latency_ms = 0.0});
        }
    }
    for (SearchAnswer& answer : run.result.answers) {
        const auto late = run.late.find(answer.provider);
        if (answer.answered || late == run.late.end()) {
            continue;
        }
        const std::size_t before = run.result.offers.size();
        static_cast<void>(take_items(run, *late->second));
        if (run.result.offers.size() > before) {
            answer.fault += "; its late answer to the search before stands in";
        }
    }
}

void Market::Impl::take_catalog(SearchRun& run, std::size_t index, const Callback& callback) {
    if (callback.envelope.error) {
        settle(run, index, false, beckn::describe(*callback.envelope.error));
        return;
    }
    note_success(*callback.peer);
    std::string faults = take_items(run, callback);
    settle(run, index, true, std::move(faults));
}

}  // namespace headroom::agents
