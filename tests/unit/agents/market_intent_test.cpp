#include "unit/agents/market_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::agents::market_test {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// What the durable log says of confirms.
std::vector<std::string> confirms(const MarketWorld& world) {
    std::vector<std::string> found;
    for (const std::string& entry : world.entry_types()) {
        if (entry.starts_with("beckn.sent confirm")) {
            found.push_back(entry);
        }
    }
    return found;
}

TEST(MarketIntent, IsOnTheDiskBeforeTheConfirmArrives) {
    MarketWorld world({provider("tesla")});
    std::vector<std::string> at_arrival;
    world.intercept = [&](const std::string&, const std::string& action) -> std::optional<net::Response> {
        if (action == "confirm") {
            at_arrival = confirms(world);
        }
        return std::nullopt;
    };
    EXPECT_EQ(world.make_contract(MarketWorld::wanted("tesla")).state, flex::ContractState::active);
    EXPECT_THAT(at_arrival, ElementsAre("beckn.sent confirm intent"));
    world.run_until([&world] { return world.is_quiet(); });
    EXPECT_THAT(confirms(world), ElementsAre("beckn.sent confirm intent", "beckn.sent confirm ACK"));
}

TEST(MarketIntent, NamesTheMessageThatIsSent) {
    MarketWorld world({provider("tesla")});
    static_cast<void>(world.make_contract(MarketWorld::wanted("tesla")));
    world.run_until([&world] { return world.is_quiet(); });
    std::vector<std::string> ids;
    std::vector<std::string> hashes;
    for (std::uint64_t seq = 0; seq < world.log->durable_size(); ++seq) {
        const audit::Entry entry = world.log->read(seq).value();
        const json::Value body(entry.body);
        if (entry.type == "beckn.sent" && body.text("/action") == "confirm") {
            ids.push_back(body.text("/message_id"));
            hashes.push_back(body.text("/sha256"));
        }
    }
    ASSERT_EQ(ids.size(), 2U);
    EXPECT_EQ(ids[0], ids[1]);
    EXPECT_EQ(hashes[0], "");  // its bytes follow from the terms, which had not come
    EXPECT_EQ(hashes[1].size(), 64U);
}

TEST(MarketIntent, IsTakenBackWhenTheTermsAreRefused) {
    MarketWorld world({provider("tesla")});
    world.intercept = [](const std::string&, const std::string& action) -> std::optional<net::Response> {
        if (action == "init") {
            return net::Response{.status = 400, .content_type = "text/plain", .body = "no", .headers = {}};
        }
        return std::nullopt;
    };
    EXPECT_EQ(world.make_contract(MarketWorld::wanted("tesla")).state, flex::ContractState::failed);
    world.run_until([&world] { return world.is_quiet(); });
    EXPECT_THAT(world.requests_to("tesla"), Not(Contains("confirm")));
    EXPECT_THAT(confirms(world), ElementsAre("beckn.sent confirm intent", "beckn.sent confirm not sent"));
}

TEST(MarketIntent, IsNotMadeForWhatIsNotQuoted) {
    MarketWorld world({provider("tesla", {.nack = true})});
    EXPECT_EQ(world.make_contract(MarketWorld::wanted("tesla")).state, flex::ContractState::failed);
    world.run_until([&world] { return world.is_quiet(); });
    EXPECT_THAT(world.entry_types(), Each(Not(HasSubstr("confirm"))));
}

}  // namespace
}  // namespace headroom::agents::market_test
