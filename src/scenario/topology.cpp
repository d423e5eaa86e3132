#include "scenario/topology.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

namespace headroom::scenario {
namespace {

std::string at(std::size_t asset, std::string_view list, std::size_t i) {
    return "/assets/" + std::to_string(asset) + "/" + std::string(list) + "/" + std::to_string(i);
}

}  // namespace

Result<Topology> Topology::make(std::span<const Asset> assets) {
    Topology made;
    made.by_id_.reserve(assets.size());
    for (std::size_t i = 0; i < assets.size(); ++i) {
        if (!made.by_id_.emplace(assets[i].id, i).second) {
            return Error{Errc::invalid, "asset '" + assets[i].id + "' stands twice",
                         "/assets/" + std::to_string(i) + "/id"};
        }
    }
    made.children_.resize(assets.size());
    made.parents_.resize(assets.size());
    made.ties_.resize(assets.size());
    for (std::size_t i = 0; i < assets.size(); ++i) {
        for (std::size_t c = 0; c < assets[i].feeds.size(); ++c) {
            const std::size_t child = made.find(assets[i].feeds[c]);
            if (child == none) {
                return Error{Errc::not_found,
                             "asset '" + assets[i].id + "' feeds '" + assets[i].feeds[c] +
                                 "', which is none of the assets",
                             at(i, "feeds", c)};
            }
            if (child == i || std::ranges::count(made.children_[i], child) > 0) {
                return Error{Errc::invalid,
                             "asset '" + assets[i].id + "' feeds '" + assets[i].feeds[c] + "' " +
                                 (child == i ? "itself" : "twice"),
                             at(i, "feeds", c)};
            }
            made.children_[i].push_back(child);
            made.parents_[child].push_back(i);
        }
        for (std::size_t t = 0; t < assets[i].open_points.size(); ++t) {
            const OpenPoint& point = assets[i].open_points[t];
            const std::size_t to = made.find(point.to);
            if (to == none || to == i) {
                return Error{to == none ? Errc::not_found : Errc::invalid,
                             "the load of '" + assets[i].id + "' cannot move to '" + point.to + "'",
                             at(i, "open_points", t) + "/to"};
            }
            made.ties_[i].push_back({to, point.move_kw});
        }
    }

    // Those that feed nobody first; a parent follows when its last child is done.
    std::vector<std::size_t> waiting(assets.size());
    for (std::size_t i = 0; i < assets.size(); ++i) {
        waiting[i] = made.children_[i].size();
        if (waiting[i] == 0) {
            made.order_.push_back(i);
        }
    }
    for (std::size_t next = 0; next < made.order_.size(); ++next) {
        for (const std::size_t parent : made.parents_[made.order_[next]]) {
            if (--waiting[parent] == 0) {
                made.order_.push_back(parent);
            }
        }
    }
    if (made.order_.size() != assets.size()) {
        const auto stuck = std::ranges::find_if(waiting, [](std::size_t count) { return count > 0; });
        const auto i = static_cast<std::size_t>(stuck - waiting.begin());
        return Error{Errc::invalid, "asset '" + assets[i].id + "' feeds itself through others",
                     "/assets/" + std::to_string(i) + "/feeds"};
    }
    made.place_in_order_.resize(assets.size());
    for (std::size_t place = 0; place < made.order_.size(); ++place) {
        made.place_in_order_[made.order_[place]] = place;
    }
    return made;
}

std::size_t Topology::find(std::string_view id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? none : found->second;
}

double Topology::coincidence(std::size_t asset) const {
    const std::size_t count = children_[asset].size();
    constexpr double of_many = 0.85;
    return count == 0 ? 1.0 : of_many + (1.0 - of_many) / std::sqrt(static_cast<double>(count));
}

std::vector<Topology::Carrier> Topology::above(std::size_t asset) const {
    // In the order of the assets, what is fed first: when one's turn comes, all that arrives there has
    // arrived.
    std::map<std::size_t, double> shares;
    const auto pass_on = [&](std::size_t from, double share) {
        for (const std::size_t parent : parents_[from]) {
            shares[place_in_order_[parent]] += share * share_of_parent(from) * coincidence(parent);
        }
    };
    pass_on(asset, 1.0);
    std::vector<Carrier> carriers;
    while (!shares.empty()) {
        const auto [place, share] = *shares.begin();
        shares.erase(shares.begin());
        carriers.push_back({order_[place], share});
        pass_on(order_[place], share);
    }
    return carriers;
}

}  // namespace headroom::scenario
