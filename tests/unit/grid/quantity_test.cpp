#include "grid/quantity.hpp"

#include <gtest/gtest.h>

namespace headroom::grid {
namespace {

TEST(Quantity, EveryWordIsReadBack) {
    for (const Quantity quantity : {Quantity::p_kw, Quantity::q_kvar, Quantity::s_kva, Quantity::i_a,
                                    Quantity::v_v, Quantity::f_hz, Quantity::temp_c, Quantity::soc_pct}) {
        EXPECT_EQ(parse_quantity(to_string(quantity)), quantity);
    }
    for (const Phase phase : {Phase::l1, Phase::l2, Phase::l3, Phase::n, Phase::sum}) {
        EXPECT_EQ(parse_phase(to_string(phase)), phase);
    }
    for (const Direction direction : {Direction::import_, Direction::export_}) {
        EXPECT_EQ(parse_direction(to_string(direction)), direction);
    }
}

TEST(Quantity, PhasesAreReadInEitherCaseAndByNumber) {
    EXPECT_EQ(parse_phase("l1"), Phase::l1);
    EXPECT_EQ(parse_phase("2"), Phase::l2);
    EXPECT_EQ(parse_phase("n"), Phase::n);
    EXPECT_EQ(parse_phase("ALL"), Phase::sum);
    EXPECT_EQ(parse_phase("3ph"), Phase::sum);
    EXPECT_EQ(parse_phase("Sum"), Phase::sum);
}

TEST(Quantity, OtherWordsAreNotRead) {
    for (const char* text : {"", "L4", "4", "L1 ", "a very long phase name"}) {
        EXPECT_FALSE(parse_phase(text).has_value()) << text;
    }
    EXPECT_FALSE(parse_quantity("P_KW").has_value());
    EXPECT_FALSE(parse_quantity("kw").has_value());
    EXPECT_FALSE(parse_direction("import_").has_value());
}

}  // namespace
}  // namespace headroom::grid
