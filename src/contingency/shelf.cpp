#include "contingency/shelf.hpp"

#include <algorithm>
#include <utility>

namespace headroom::contingency {
namespace {

bool is_same(const grid::StateEntry& a, const grid::StateEntry& b) {
    return a.state == b.state && a.since == b.since && a.person == b.person &&
           a.held_by_engineer == b.held_by_engineer;
}

bool is_same(const ElementState& a, const ElementState& b) {
    return a.load == b.load && a.flex == b.flex && a.armed == b.armed && is_same(a.state, b.state) &&
           a.stale == b.stale && a.over_band_w == b.over_band_w && a.customers == b.customers;
}

bool is_same(const grid::AuthorityEnvelope& a, const grid::AuthorityEnvelope& b) {
    return a.id == b.id && a.asset == b.asset && a.limit_kind == b.limit_kind && a.product == b.product &&
           a.der_class == b.der_class && a.power_max == b.power_max && a.cost_max == b.cost_max &&
           a.from == b.from && a.until == b.until && a.granted_by == b.granted_by && a.revoked == b.revoked;
}

/// What every plan is made from. The minute counts: when things happen is told from the loss on.
bool is_same_for_all(const ShelfState& a, const ShelfState& b) {
    return a.now == b.now && a.start == b.start && a.quantile_ppm == b.quantile_ppm &&
           a.authority == b.authority && a.stopped_areas == b.stopped_areas && a.conditions == b.conditions &&
           a.guard.protected_ders == b.guard.protected_ders &&
           a.guard.power_per_feeder_minute_max == b.guard.power_per_feeder_minute_max &&
           std::equal(a.envelopes.begin(), a.envelopes.end(), b.envelopes.begin(), b.envelopes.end(),
                      [](const auto& x, const auto& y) { return is_same(x, y); });
}

}  // namespace

Shelf::Shelf(const ShelfNetwork& network)
    : network_(network),
      plans_(network.elements().size()),
      made_from_(network.elements().size()),
      receivers_(network.elements().size()),
      is_stale_(network.elements().size(), true) {
    for (std::size_t element = 0; element < receivers_.size(); ++element) {
        for (const ShelfNetwork::WayOut& way : network.ways_out(element)) {
            receivers_[element].push_back(way.receiver);
        }
    }
}

void Shelf::find_changes(const ShelfState& to, std::vector<bool>& has_changed) const {
    const bool is_everything = state_->elements.size() != to.elements.size() || !is_same_for_all(*state_, to);
    for (std::size_t i = 0; i < has_changed.size(); ++i) {
        has_changed[i] = is_everything || !is_same(state_->elements[i], to.elements[i]);
    }
}

/// A plan is made from what hangs on the element, from what hangs on those who would carry its load (their
/// DERs), and from the states of everything above both.
bool Shelf::is_touched(std::size_t element, const std::vector<std::uint32_t>& changed_before,
                       const std::vector<bool>& has_changed) const {
    const auto below = [&](std::size_t at) {
        const ShelfNetwork::Element& top = network_.elements()[at];
        return changed_before[top.walk_end] != changed_before[top.walk_first];
    };
    const auto above = [&](std::size_t at) {
        for (; at != ShelfNetwork::none; at = network_.elements()[at].parent) {
            if (has_changed[at]) {
                return true;
            }
        }
        return false;
    };
    if (below(element) || above(element)) {
        return true;
    }
    for (const std::size_t receiver : receivers_[element]) {
        for (const std::size_t carrier : network_.carriers(receiver, element)) {
            if (below(carrier)) {
                return true;
            }
        }
        if (above(receiver)) {
            return true;
        }
    }
    return false;
}

void Shelf::begin(ShelfState state) {
    const std::size_t count = network_.elements().size();
    HEADROOM_ASSERT(state.elements.size() == count);
    state.now = std::chrono::floor<minutes>(state.now);
    std::vector<bool> has_changed(count, false);
    find_changes(state, has_changed);
    std::vector<std::uint32_t> changed_before(count + 1, 0);  // in the order of the walk
    for (std::size_t place = 0; place < count; ++place) {
        changed_before[place + 1] = changed_before[place] + (has_changed[network_.walk()[place]] ? 1U : 0U);
    }
    state_ = std::make_shared<const ShelfState>(std::move(state));
    totals_ = relief_totals(network_, *state_);
    due_.clear();
    next_ = 0;
    for (std::size_t element = 0; element < count; ++element) {
        is_stale_[element] = is_stale_[element] || is_touched(element, changed_before, has_changed);
        if (is_stale_[element]) {
            due_.push_back(element);
        }
    }
}

std::size_t Shelf::advance(std::size_t count) {
    std::size_t planned = 0;
    for (; planned < count && next_ < due_.size(); ++planned, ++next_) {
        const std::size_t element = due_[next_];
        plans_[element] = plan_loss(network_, *state_, totals_, element);
        made_from_[element] = state_;
        is_stale_[element] = false;
    }
    return planned;
}

const ShelfPlan* Shelf::plan(std::string_view element) const {
    const std::size_t at = network_.find(element);
    return at == ShelfNetwork::none || plans_[at].element.empty() ? nullptr : &plans_[at];
}

std::vector<std::size_t> Shelf::ranked() const {
    std::vector<std::size_t> order;
    order.reserve(plans_.size());
    for (std::size_t i = 0; i < plans_.size(); ++i) {
        if (!plans_[i].element.empty()) {
            order.push_back(i);
        }
    }
    std::sort(order.begin(), order.end(),
              [this](std::size_t a, std::size_t b) { return ranks_before(plans_[a], plans_[b]); });
    return order;
}

}  // namespace headroom::contingency
