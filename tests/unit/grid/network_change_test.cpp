#include "grid/network_change.hpp"

#include "unit/grid/samples.hpp"

#include <gtest/gtest.h>

namespace headroom::grid {
namespace {

Network network_of(const std::string& rows) {
    Result<Network> network = read_grid_csv(std::string(grid_csv_header) + rows, "grid.csv");
    EXPECT_TRUE(network.has_value()) << (network ? "" : network.error().message);
    return network ? std::move(*network) : Network{};
}

const std::string base =
    "substation,P1,,Hill,52.1,-1.2,20000,primary,,\n"
    "feeder,F1,P1,Mill Lane,52.1,-1.2,180,domestic,,\n"
    "feeder,F2,P1,High Street,52.1,-1.2,90,mixed,,\n"
    "der,D1,F1,Battery,52.1,-1.2,5,battery,L1,10\n";

TEST(NetworkChange, IsEmptyForTheSameFile) {
    EXPECT_TRUE(change_between(network_of(base), network_of(base)).empty());
}

TEST(NetworkChange, PassesOverTheOrderOfRows) {
    const std::string turned =
        "substation,P1,,Hill,52.1,-1.2,20000,primary,,\n"
        "feeder,F2,P1,High Street,52.1,-1.2,90,mixed,,\n"
        "der,D1,F1,Battery,52.1,-1.2,5,battery,L1,10\n"
        "feeder,F1,P1,Mill Lane,52.1,-1.2,180,domestic,,\n";
    EXPECT_TRUE(change_between(network_of(base), network_of(turned)).empty());
}

TEST(NetworkChange, NamesWhatCameWentAndChanged) {
    const Network to = network_of(
        "substation,P1,,Hill,52.1,-1.2,20000,primary,,\n"
        "feeder,F1,P1,Mill Lane,52.1,-1.2,240,domestic,,\n"
        "feeder,F3,P1,New Road,52.1,-1.2,90,mixed,,\n"
        "der,D1,F3,Battery,52.1,-1.2,5,battery,L1,10\n");
    const NetworkChange change = change_between(network_of(base), to);
    EXPECT_EQ(change.added, (std::vector<std::string>{"F3"}));
    EXPECT_EQ(change.removed, (std::vector<std::string>{"F2"}));
    EXPECT_EQ(change.changed, (std::vector<std::string>{"D1", "F1"}));  // moved, and re-rated
    EXPECT_EQ(change.limits_changed, (std::vector<std::string>{"F1"}));
}

TEST(NetworkChange, TellsAnIdThatBecameAnotherKindOfElement) {
    const Network to = network_of(
        "substation,P1,,Hill,52.1,-1.2,20000,primary,,\n"
        "substation,F2,P1,High Street,52.1,-1.2,90,secondary,,\n"
        "feeder,F1,P1,Mill Lane,52.1,-1.2,180,domestic,,\n"
        "der,D1,F1,Battery,52.1,-1.2,5,battery,L1,10\n");
    const NetworkChange change = change_between(network_of(base), to);
    EXPECT_EQ(change.added, (std::vector<std::string>{"F2"}));
    EXPECT_EQ(change.removed, (std::vector<std::string>{"F2"}));
}

TEST(NetworkChange, SeesTies) {
    const std::string tie = "tie,T1,F1|F2,Link box,,,60,manual:45,,\n";
    EXPECT_EQ(change_between(network_of(base), network_of(base + tie)).added,
              (std::vector<std::string>{"T1"}));
    EXPECT_EQ(change_between(network_of(base + tie), network_of(base)).removed,
              (std::vector<std::string>{"T1"}));
    EXPECT_EQ(
        change_between(network_of(base + tie), network_of(base + "tie,T1,F1|F2,Link box,,,60,remote,,\n"))
            .changed,
        (std::vector<std::string>{"T1"}));
    EXPECT_TRUE(
        change_between(network_of(base + tie), network_of(base + "tie,T1,F2|F1,Link box,,,60,manual:45,,\n"))
            .empty());
}

TEST(NetworkChange, SeesALimitThatOnlyLostItsVerification) {
    Network from = network_of(base);
    Network to = network_of(base);
    Limit limit{.asset = "F2", .kind = LimitKind::cyclic, .value = 100.0, .source = "study"};
    limit.verified_by = "J. Patel";
    ASSERT_TRUE(from.add(limit));
    limit.verified_by.clear();
    ASSERT_TRUE(to.add(limit));
    EXPECT_EQ(change_between(from, to).limits_changed, (std::vector<std::string>{"F2"}));
}

}  // namespace
}  // namespace headroom::grid
