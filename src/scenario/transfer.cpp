#include "scenario/transfer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headroom::scenario {
namespace {

/// Somebody who could take load over.
struct Taker {
    std::size_t asset = 0;
    double move_kw = 0.0;  ///< the tie's
    double room_kw = 0.0;  ///< in its fullest half-hour
    double share = 0.0;    ///< of the element's load, that it takes
};

double import_of(float kw) {
    return std::max(0.0, static_cast<double>(kw));
}

double highest_import(std::span<const float> load) {
    double most = 0.0;
    for (const float kw : load) {
        most = std::max(most, import_of(kw));
    }
    return most;
}

std::vector<Taker> takers_of(std::size_t element, const Topology& topology, CurveBook& book,
                             const std::vector<AssetOutcome>& outcomes) {
    std::vector<Taker> takers;
    for (const Topology::Tie& tie : topology.ties(element)) {
        const std::vector<Topology::Carrier> above = topology.above(tie.to);
        const bool hangs_on_it = std::ranges::any_of(
            above, [&](const Topology::Carrier& carrier) { return carrier.asset == element; });
        if (outcomes[tie.to].is_lost || hangs_on_it || tie.move_kw <= 0.0) {
            continue;
        }
        double room = std::numeric_limits<double>::infinity();
        const std::span<const float> load = book.load(tie.to);
        const std::span<const float> rating = book.rating(tie.to);
        for (std::size_t i = 0; i < load.size(); ++i) {
            room = std::min(room, static_cast<double>(rating[i]) - import_of(load[i]));
        }
        takers.push_back({tie.to, tie.move_kw, std::max(0.0, room), 0.0});
    }
    return takers;
}

/// Shares `wanted` of the element's load out by weight, none above its cap; what one cannot take goes to the
/// others.
void share_out(std::vector<Taker>& takers, double wanted, double peak_kw, bool within_room) {
    const bool has_room = std::ranges::any_of(takers, [](const Taker& t) { return t.room_kw > 0.0; });
    const auto weight = [&](const Taker& t) { return has_room ? t.room_kw : t.move_kw; };
    const auto cap = [&](const Taker& t) {
        const double kw = within_room ? std::min(t.move_kw, t.room_kw) : t.move_kw;
        return std::min(1.0, kw / peak_kw);
    };
    double left = wanted;
    for (std::size_t turn = 0; turn <= takers.size() && left > 1e-12; ++turn) {
        double weights = 0.0;
        for (const Taker& t : takers) {
            weights += t.share < cap(t) ? weight(t) : 0.0;
        }
        if (weights <= 0.0) {
            break;
        }
        const double to_share = left;
        for (Taker& t : takers) {
            if (t.share < cap(t)) {
                const double more = std::min(to_share * weight(t) / weights, cap(t) - t.share);
                t.share += more;
                left -= more;
            }
        }
    }
    if (within_room || left <= 1e-12) {
        return;
    }
    // Those with room are full to what their ties carry: the rest goes to those without.
    for (Taker& t : takers) {
        const double more = std::min(left, cap(t) - t.share);
        t.share += std::max(0.0, more);
        left -= std::max(0.0, more);
    }
}

double shared(const std::vector<Taker>& takers) {
    double sum = 0.0;
    for (const Taker& t : takers) {
        sum += t.share;
    }
    return std::min(1.0, sum);
}

/// Reckons one remedy: `takers` with the shares they take, the element's own limit (0 = it is lost), and
/// whether turn-down is called for what is over.
RemedyOutcome reckon(Remedy remedy, std::size_t element, bool is_lost, bool calls_turn_down,
                     const std::vector<Taker>& takers, std::span<const Asset> assets, CurveBook& book) {
    RemedyOutcome out{.remedy = remedy};
    const std::span<const float> load = book.load(element);
    const std::span<const float> rating = book.rating(element);
    const double moved = shared(takers);
    const double peak_kw = highest_import(load);
    for (const Taker& t : takers) {
        if (t.share > 0.0) {
            out.moves.push_back({assets[t.asset].id, t.share * peak_kw, t.share});
        }
    }
    for (std::size_t i = 0; i < load.size(); ++i) {
        const double stays = import_of(load[i]) * (1.0 - moved);
        double over = 0.0;
        if (!is_lost) {
            over = std::max(0.0, stays - static_cast<double>(rating[i]));
            out.loading_percent =
                std::max(out.loading_percent,
                         100.0 * (calls_turn_down ? stays - over : stays) / static_cast<double>(rating[i]));
        }
        double called = is_lost ? stays : over;
        for (const Taker& t : takers) {
            const double limit = static_cast<double>(book.rating(t.asset)[i]);
            const double before = import_of(book.load(t.asset)[i]);
            const double after = before + t.share * import_of(load[i]);
            // Only what the move adds counts: the taker's own overload is its own risk.
            const double added = std::max(0.0, after - std::max(limit, before));
            if (t.share > 0.0) {
                out.loading_percent =
                    std::max(out.loading_percent, 100.0 * (calls_turn_down ? after - added : after) / limit);
            }
            called += added;
            over += added;
        }
        if (calls_turn_down) {
            out.dispatch_kw = std::max(out.dispatch_kw, called);
            out.dispatch_kwh += called * half_hour_h;
        } else {
            out.energy_over_kwh += over * half_hour_h;
            out.unserved_kwh += is_lost ? stays * half_hour_h : 0.0;
        }
    }
    return out;
}

Alternatives compare(std::size_t element, bool is_lost, const std::vector<Taker>& takers,
                     std::span<const Asset> assets, CurveBook& book) {
    const std::vector<Taker> nobody;
    Alternatives out{.asset_id = assets[element].id, .is_lost = is_lost};
    out.remedies = {reckon(Remedy::do_nothing, element, is_lost, false, nobody, assets, book),
                    reckon(Remedy::reconfigure, element, is_lost, false, takers, assets, book),
                    reckon(Remedy::dispatch, element, is_lost, true, nobody, assets, book),
                    reckon(Remedy::both, element, is_lost, true, takers, assets, book)};
    return out;
}

/// Adds `share` of the element's import to an asset's three curves.
void add_share(CurveBook& book, std::size_t to, std::span<const float> import_kw, double share) {
    const auto factor = static_cast<float>(share);
    for (const std::span<float> row : {book.load(to), book.low(to), book.high(to)}) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            row[i] += factor * import_kw[i];
        }
    }
}

void scale_below(std::size_t element, const Topology& topology, CurveBook& book, float factor) {
    std::vector<std::size_t> open{element};
    while (!open.empty()) {
        const std::size_t above = open.back();
        open.pop_back();
        for (const std::size_t child : topology.children(above)) {
            // A child with another parent is held by that one.
            if (topology.parents(child).size() > 1) {
                continue;
            }
            for (const std::span<float> row : {book.load(child), book.low(child), book.high(child)}) {
                for (float& kw : row) {
                    kw *= factor;
                }
            }
            open.push_back(child);
        }
    }
}

void add_above(std::size_t asset, const Topology& topology, CurveBook& book,
               const std::vector<AssetOutcome>& outcomes, std::span<const float> import_kw, double share) {
    for (const Topology::Carrier& carrier : topology.above(asset)) {
        if (!outcomes[carrier.asset].is_lost) {
            add_share(book, carrier.asset, import_kw, share * carrier.share);
        }
    }
}

}  // namespace

CurveBook::CurveBook(Curves& curves, std::size_t assets) : curves_(curves) {
    const std::size_t size = assets * curves.periods;
    curves.load_kw.assign(size, 0.0F);
    curves.low_kw.assign(size, 0.0F);
    curves.high_kw.assign(size, 0.0F);
    curves.rating_kw.assign(size, 0.0F);
    curves.hot_spot_c.assign(size, 0.0F);
}

Alternatives take_out(std::size_t element, std::span<const Asset> assets, const Topology& topology,
                      CurveBook& book, std::vector<AssetOutcome>& outcomes) {
    std::vector<float> import_kw(book.load(element).begin(), book.load(element).end());
    double energy_kwh = 0.0;
    for (float& kw : import_kw) {
        kw = std::max(0.0F, kw);
        energy_kwh += static_cast<double>(kw) * half_hour_h;
    }
    const double peak_kw = highest_import(import_kw);
    std::vector<Taker> takers = takers_of(element, topology, book, outcomes);
    if (peak_kw > 0.0) {
        share_out(takers, 1.0, peak_kw, false);
    }
    Alternatives alternatives = compare(element, true, takers, assets, book);

    outcomes[element].is_lost = true;
    const double moved = shared(takers);
    add_above(element, topology, book, outcomes, import_kw, -1.0);
    for (const Taker& t : takers) {
        add_share(book, t.asset, import_kw, t.share);
        outcomes[t.asset].transferred_kwh += t.share * energy_kwh;
        add_above(t.asset, topology, book, outcomes, import_kw, t.share);
    }
    scale_below(element, topology, book, static_cast<float>(moved));
    outcomes[element].transferred_kwh -= moved * energy_kwh;
    outcomes[element].unserved_kwh = (1.0 - moved) * energy_kwh;
    for (const std::span<float> row : {book.load(element), book.low(element), book.high(element)}) {
        std::ranges::fill(row, 0.0F);
    }
    return alternatives;
}

Alternatives remedies_for_overload(std::size_t asset, std::span<const Asset> assets, const Topology& topology,
                                   CurveBook& book, const std::vector<AssetOutcome>& outcomes) {
    std::vector<Taker> takers = takers_of(asset, topology, book, outcomes);
    const std::span<const float> load = book.load(asset);
    const std::span<const float> rating = book.rating(asset);
    double wanted = 0.0;
    for (std::size_t i = 0; i < load.size(); ++i) {
        const double kw = import_of(load[i]);
        if (kw > static_cast<double>(rating[i])) {
            wanted = std::max(wanted, 1.0 - static_cast<double>(rating[i]) / kw);
        }
    }
    const double peak_kw = highest_import(load);
    if (peak_kw > 0.0 && wanted > 0.0) {
        share_out(takers, wanted, peak_kw, true);
    }
    return compare(asset, false, takers, assets, book);
}

}  // namespace headroom::scenario
