#pragma once

#include "contingency/make_shelf.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "grid/network.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace headroom::contingency {

/// Everything that one plan of the shelf is made from, by itself: the part of the network that takes part in
/// the loss, and what was known of it. Owns all of it, so that it outlives the network.
struct ShelfInput {
    struct Place {
        std::string id;
        std::string name;
        std::string parent;
        bool is_feeder = false;
        std::int64_t rating_w = 0;  ///< of a substation's plate; 0 = not known
    };
    struct Edge {
        std::string id;
        std::string name;
        std::string from;
        std::string to;
        std::int64_t rating_w = 0;
        std::int64_t minutes = 0;
        bool is_remote = false;
    };
    std::string element;  ///< that is lost
    grid::Season season = grid::Season::all;
    std::vector<Place> places;  ///< substations before feeders, each in the order of the network
    std::vector<Edge> ties;
    std::vector<grid::Limit> limits;
    ShelfState state;  ///< `elements` parallel to `places`
};

/// What `plan_loss` for `element` looks at: what hangs on the element and on those who would carry its load,
/// what is above both, the ties and limits between them.
[[nodiscard]] ShelfInput input_for(const ShelfNetwork& network, const ShelfState& state, std::size_t element);

/// The plan for the loss, from its input alone: that of `plan_loss` on the whole network to the byte. Errors:
/// `invalid` for places that make no network, or without the element.
[[nodiscard]] Result<ShelfPlan> plan_loss(const ShelfInput& input);

/// As it is kept in the log. Whole numbers and texts only.
[[nodiscard]] json::Value to_json(const ShelfInput& input);
/// Errors: `invalid` with the pointer.
[[nodiscard]] Result<ShelfInput> shelf_input_from_json(const json::Value& value);

}  // namespace headroom::contingency
