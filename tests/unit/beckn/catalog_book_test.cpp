#include "beckn/catalog_book.hpp"
#include "unit/beckn/beckn_samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

using namespace test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* north = "north.example";
constexpr const char* north_url = "https://north.example/beckn";

Catalog catalog_of(const std::string& id, std::vector<flex::Offer> offers) {
    Catalog catalog{.provider = "pool", .provider_name = "Northern Pool", .offers = std::move(offers)};
    catalog.id = id;
    return catalog;
}

flex::Offer offer(const std::string& id, std::int64_t price = 240'000'000) {
    flex::Offer made = battery_offer(id);
    made.provider = "pool";
    made.utilisation = MicroPoundsPerMwh{price};
    made.valid_until = UtcTime{};
    return made;
}

class CatalogBookTest : public ::testing::Test {
  protected:
    PublishAnswer publish(std::vector<Catalog> catalogs, UtcTime timestamp = wall_noon,
                          const std::string& publisher = north, const std::string& url = north_url) {
        Publication publication{
            .publisher = publisher, .url = url, .timestamp = timestamp, .catalogs = std::move(catalogs)};
        for (const Catalog& catalog : publication.catalogs) {
            publication.ids.push_back(name_of(catalog));
        }
        return book.take(std::move(publication), now);
    }
    [[nodiscard]] std::vector<std::string> found(const SearchIntent& intent,
                                                 std::size_t items_max = 100) const {
        std::vector<std::string> ids;
        for (const Catalog& catalog : book.find(intent, now, items_max)) {
            for (const flex::Offer& one : catalog.offers) {
                ids.push_back(catalog.bpp_id + "/" + one.id);
            }
        }
        return ids;
    }
    [[nodiscard]] static SearchIntent words(const std::string& text) {
        SearchIntent intent;
        intent.text = text;
        return intent;
    }

    UtcTime now = wall_noon;
    CatalogBook book{};
};

TEST_F(CatalogBookTest, AnswersWhatWasPublishedWithWhoseItIs) {
    const PublishAnswer answer = publish({catalog_of("c1", {offer("O-1"), offer("O-2")})});
    ASSERT_THAT(answer.results, SizeIs(1));
    EXPECT_EQ(answer.results[0].status, PublishStatus::accepted);
    EXPECT_EQ(answer.results[0].item_count, 2);

    const std::vector<Catalog> all = book.find(wanted_evening(), now, 100);
    ASSERT_THAT(all, SizeIs(1));
    EXPECT_EQ(all[0].bpp_id, north);
    EXPECT_EQ(all[0].bpp_uri, north_url);
    EXPECT_THAT(all[0].offers, SizeIs(2));
}

TEST_F(CatalogBookTest, ANeedByHalfHoursAsksForFeederDirectionAndTime) {
    publish({catalog_of("c1", {offer("O-1")})});
    SearchIntent intent = wanted_evening();
    EXPECT_THAT(found(intent), ElementsAre("north.example/O-1"));
    intent.feeder = "LV-2";
    EXPECT_THAT(found(intent), IsEmpty());
    intent = wanted_evening();
    intent.turn_up = true;
    EXPECT_THAT(found(intent), IsEmpty());
    intent = wanted_evening();
    intent.need_w.start += hours{24 * 30};
    EXPECT_THAT(found(intent), IsEmpty());
}

TEST_F(CatalogBookTest, WordsAreLookedForInNamesPlacesAndKinds) {
    flex::Offer other = offer("O-2");
    other.der_class = grid::DerClass::heat_pump;
    Catalog catalog = catalog_of("c1", {offer("O-1"), other});
    catalog.windows.push_back({.id = "CEW-1-20270114",
                               .resource = "CEW-1",
                               .provider = "pool",
                               .name = "Cambridge night",
                               .grid_area = "Cambridge",
                               .grid_zone = "GB-E",
                               .start = wall_noon,
                               .end = wall_noon + hours{4},
                               .capacity_w = 1'000'000,
                               .currency = "GBP",
                               .price_stability = "fixed"});
    now = battery_offer("O-1").available_from - minutes{1};
    catalog.windows.front().start = now;
    catalog.windows.front().end = now + hours{4};
    publish({catalog}, now);
    EXPECT_THAT(found(words("")), SizeIs(2));
    EXPECT_THAT(found(words("Northern POOL")), SizeIs(2));
    EXPECT_THAT(found(words("heat")), ElementsAre("north.example/O-2"));
    EXPECT_THAT(found(words("battery LV-1")), ElementsAre("north.example/O-1"));
    EXPECT_THAT(found(words("battery LV-9")), IsEmpty());
    const std::vector<Catalog> windows = book.find(words("compute energy windows cambridge"), now, 100);
    ASSERT_THAT(windows, SizeIs(1));
    EXPECT_THAT(windows[0].windows, SizeIs(1));
    EXPECT_THAT(windows[0].offers, IsEmpty());
}

TEST_F(CatalogBookTest, TheLaterMessageCountsWhateverComesLater) {
    publish({catalog_of("c1", {offer("O-1")})}, wall_noon);
    publish({catalog_of("c1", {offer("O-2")})}, wall_noon + seconds{2});
    EXPECT_THAT(found(wanted_evening()), ElementsAre("north.example/O-2"));

    const PublishAnswer stale = publish({catalog_of("c1", {offer("O-1")})}, wall_noon + seconds{1});
    EXPECT_EQ(stale.results[0].status, PublishStatus::rejected);
    EXPECT_EQ(stale.results[0].errors.at(0).code, "NET_CATALOG_STALE");
    EXPECT_THAT(found(wanted_evening()), ElementsAre("north.example/O-2"));
}

TEST_F(CatalogBookTest, WhatWasTakenBackDoesNotComeBackWithAnOlderMessage) {
    publish({catalog_of("c1", {offer("O-1")})}, wall_noon);
    EXPECT_EQ(publish({catalog_of("c1", {})}, wall_noon + seconds{2}).results[0].status,
              PublishStatus::accepted);
    EXPECT_THAT(found(wanted_evening()), IsEmpty());
    EXPECT_EQ(publish({catalog_of("c1", {offer("O-1")})}, wall_noon + seconds{1}).results[0].status,
              PublishStatus::rejected);
    EXPECT_THAT(found(wanted_evening()), IsEmpty());
    EXPECT_EQ(book.items(), 0U);
}

TEST_F(CatalogBookTest, ACatalogEndsWithItsValidity) {
    Catalog catalog = catalog_of("c1", {offer("O-1")});
    catalog.expires = now + minutes{15};
    publish({catalog});
    now += minutes{15} - milliseconds{1};
    EXPECT_THAT(found(wanted_evening()), SizeIs(1));
    now += milliseconds{1};
    EXPECT_THAT(found(wanted_evening()), IsEmpty());
    EXPECT_EQ(publish({catalog}, now).results[0].errors.at(0).code, "NET_CATALOG_STALE");
    book.forget(now);
    EXPECT_EQ(book.size(), 0U);
}

TEST_F(CatalogBookTest, WithoutAnEndItStaysForADay) {
    publish({catalog_of("c1", {offer("O-1")})});
    now += hours{24};
    EXPECT_THAT(found(wanted_evening()), IsEmpty());
}

TEST_F(CatalogBookTest, NobodyPublishesForAnother) {
    Catalog foreign = catalog_of("c1", {offer("O-1")});
    foreign.bpp_id = "south.example";
    const PublishAnswer answer = publish({foreign, catalog_of("c2", {offer("O-2")})});
    EXPECT_EQ(answer.results[0].status, PublishStatus::rejected);
    EXPECT_EQ(answer.results[0].errors.at(0).code, "AUT_UNAUTHORIZED_ACTION");
    EXPECT_EQ(answer.results[1].status, PublishStatus::accepted);
    EXPECT_THAT(found(wanted_evening()), ElementsAre("north.example/O-2"));

    Catalog elsewhere = catalog_of("c3", {offer("O-3")});
    elsewhere.bpp_uri = "https://evil.example/beckn";
    EXPECT_EQ(publish({elsewhere}).results[0].errors.at(0).code, "CTX_INVALID_BPP_URI");
}

TEST_F(CatalogBookTest, TwoPublishersDoNotDisturbEachOther) {
    publish({catalog_of("c1", {offer("O-1")})});
    publish({catalog_of("c1", {offer("O-1")})}, wall_noon, "south.example", "https://south.example");
    EXPECT_THAT(found(wanted_evening()), ElementsAre("north.example/O-1", "south.example/O-1"));
    publish({catalog_of("c1", {})}, wall_noon + seconds{1});
    EXPECT_THAT(found(wanted_evening()), ElementsAre("south.example/O-1"));
}

TEST_F(CatalogBookTest, RoomIsBounded) {
    book = CatalogBook({.publishers_max = 1, .catalogs_max = 2, .items_max = 3});
    EXPECT_EQ(publish({catalog_of("c1", {offer("1"), offer("2")})}).results[0].status,
              PublishStatus::accepted);
    EXPECT_EQ(publish({catalog_of("c2", {offer("3"), offer("4")})}).results[0].errors.at(0).code,
              "POL_NP_CAPACITY_EXCEEDED");
    EXPECT_EQ(publish({catalog_of("c2", {offer("3")})}).results[0].status, PublishStatus::accepted);
    EXPECT_EQ(publish({catalog_of("c3", {})}).results[0].status, PublishStatus::rejected);
    // One that takes another's place needs no more room than the difference.
    EXPECT_EQ(publish({catalog_of("c1", {offer("1"), offer("5")})}).results[0].status,
              PublishStatus::accepted);
    EXPECT_EQ(publish({catalog_of("c1", {})}, wall_noon, "south.example", "https://south.example")
                  .results[0]
                  .status,
              PublishStatus::rejected);
    EXPECT_EQ(book.items(), 3U);
}

TEST_F(CatalogBookTest, WhereThereAreTooManyTheCheapestAreTold) {
    publish({catalog_of("c1", {offer("O-1", 300'000'000), offer("O-2", 100'000'000)}),
             catalog_of("c2", {offer("O-3", 200'000'000)})});
    EXPECT_THAT(found(wanted_evening(), 2), ElementsAre("north.example/O-2", "north.example/O-3"));
}

class PublicationOf : public ::testing::TestWithParam<WireVersion> {};

/// A message of two catalogs, in either dialect, with some of it spoilt.
json::Value message_in(WireVersion version) {
    Context context;
    context.action = Action::catalog_publish;
    context.bap_id = "discovery.example";
    context.bap_uri = "https://discovery.example";
    context.bpp_id = north;
    context.bpp_uri = north_url;
    context.transaction_id = make_uuid("t");
    context.message_id = make_uuid("m");
    context.timestamp = wall_noon;
    Envelope envelope{.version = version,
                      .context = context,
                      .message = PublishRequest{{catalog_of("c1", {offer("O-1"), offer("O-2")}),
                                                 catalog_of("c2", {offer("O-3")})}},
                      .error = {}};
    return json::parse(encode(envelope).value()).value();
}

json::Object& catalog_in(json::Value& message, std::size_t number) {
    json::Value* list = message.as_object()->find("message")->as_object()->find("catalogs");
    return *(*list->as_array())[number].as_object();
}

PublishAnswer taken(const json::Value& message) {
    const std::string raw = json::write(message);
    const Decoded decoded = decode(raw);
    EXPECT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults();
    CatalogBook book;
    return book.take(publication_of(decoded, raw, north, north_url), wall_noon);
}

TEST_P(PublicationOf, TellsEachCatalogItsOwnFaults) {
    json::Value message = message_in(GetParam());
    const bool is_lts = GetParam() == WireVersion::v2_lts;
    json::Value* items = catalog_in(message, 0).find(is_lts ? "resources" : "beckn:items");
    (*items->as_array())[1].as_object()->set(is_lts ? "resourceAttributes" : "beckn:itemAttributes",
                                             json::Value("no object"));
    const PublishAnswer answer = taken(message);
    ASSERT_THAT(answer.results, SizeIs(2));
    EXPECT_EQ(answer.results[0].catalog_id, "c1");
    EXPECT_EQ(answer.results[0].status, PublishStatus::partial);
    EXPECT_EQ(answer.results[0].item_count, 1);
    ASSERT_FALSE(answer.results[0].errors.empty());
    EXPECT_THAT(answer.results[0].errors[0].message, HasSubstr("/message/catalogs/0/"));
    EXPECT_EQ(answer.results[1].status, PublishStatus::accepted);
}

TEST_P(PublicationOf, NamesTheCatalogThatCannotBeRead) {
    json::Value message = message_in(GetParam());
    const bool is_lts = GetParam() == WireVersion::v2_lts;
    json::Object& first = catalog_in(message, 0);
    if (is_lts) {
        first.set("provider", json::Value(7));
    } else {
        first.set("beckn:items", json::Value("none"));
    }
    const PublishAnswer answer = taken(message);
    ASSERT_THAT(answer.results, SizeIs(2));
    EXPECT_EQ(answer.results[0].catalog_id, "c1");
    EXPECT_EQ(answer.results[0].status, PublishStatus::rejected);
    EXPECT_EQ(answer.results[1].catalog_id, "c2");
    EXPECT_EQ(answer.results[1].status, PublishStatus::accepted);
}

TEST_P(PublicationOf, AnIdThatStandsTwiceIsTakenOnce) {
    json::Value message = message_in(GetParam());
    const char* key = GetParam() == WireVersion::v2_lts ? "id" : "beckn:id";
    catalog_in(message, 1).set(key, json::Value("c1"));
    const PublishAnswer answer = taken(message);
    EXPECT_EQ(answer.results[0].status, PublishStatus::accepted);
    EXPECT_EQ(answer.results[1].status, PublishStatus::rejected);
}

TEST_P(PublicationOf, WhatIsNotActiveIsTakenBack) {
    json::Value message = message_in(GetParam());
    const char* key = GetParam() == WireVersion::v2_lts ? "isActive" : "beckn:isActive";
    catalog_in(message, 0).set(key, json::Value(false));
    const PublishAnswer answer = taken(message);
    EXPECT_EQ(answer.results[0].status, PublishStatus::accepted);
    EXPECT_EQ(answer.results[0].item_count, 0);
    EXPECT_EQ(answer.results[1].item_count, 1);
}

INSTANTIATE_TEST_SUITE_P(Both, PublicationOf, ::testing::Values(WireVersion::v2_lts, WireVersion::v2_rc1),
                         [](const auto& info) { return info.param == WireVersion::v2_lts ? "lts" : "rc1"; });

}  // namespace
}  // namespace headroom::beckn
