#include "grid/quantity.hpp"

#include "grid/words.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace headroom::grid {
namespace {

constexpr Words<Quantity, 8> quantities{{{Quantity::p_kw, "p_kw"},
                                         {Quantity::q_kvar, "q_kvar"},
                                         {Quantity::s_kva, "s_kva"},
                                         {Quantity::i_a, "i_a"},
                                         {Quantity::v_v, "v_v"},
                                         {Quantity::f_hz, "f_hz"},
                                         {Quantity::temp_c, "temp_c"},
                                         {Quantity::soc_pct, "soc_pct"}}};
constexpr Words<Phase, 5> phases{
    {{Phase::l1, "L1"}, {Phase::l2, "L2"}, {Phase::l3, "L3"}, {Phase::n, "N"}, {Phase::sum, "sum"}}};
constexpr Words<Direction, 2> directions{{{Direction::import_, "import"}, {Direction::export_, "export"}}};

/// What others call a phase, in small letters.
constexpr Words<Phase, 13> phase_names{{{Phase::l1, "l1"},
                                        {Phase::l2, "l2"},
                                        {Phase::l3, "l3"},
                                        {Phase::n, "n"},
                                        {Phase::sum, "sum"},
                                        {Phase::l1, "1"},
                                        {Phase::l2, "2"},
                                        {Phase::l3, "3"},
                                        {Phase::sum, "all"},
                                        {Phase::sum, "3ph"},
                                        {Phase::sum, "total"},
                                        {Phase::sum, "l123"},
                                        {Phase::n, "neutral"}}};

}  // namespace

std::string_view to_string(Quantity quantity) {
    return word_of(quantities, quantity);
}
std::string_view to_string(Phase phase) {
    return word_of(phases, phase);
}
std::string_view to_string(Direction direction) {
    return word_of(directions, direction);
}

std::optional<Quantity> parse_quantity(std::string_view text) {
    return value_of(quantities, text);
}

std::optional<Phase> parse_phase(std::string_view text) {
    std::array<char, 8> small{};
    if (text.size() > small.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        small[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return value_of(phase_names, std::string_view(small.data(), text.size()));
}

std::optional<Direction> parse_direction(std::string_view text) {
    return value_of(directions, text);
}

}  // namespace headroom::grid
