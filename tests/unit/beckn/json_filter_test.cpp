#include "beckn/json_filter.hpp"
#include "beckn/catalog_filter.hpp"

#include "unit/beckn/beckn_samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

using ::testing::HasSubstr;

bool fits(const std::string& expression, const std::string& item) {
    const Result<JsonFilter> filter = JsonFilter::parse(expression);
    EXPECT_TRUE(filter.has_value()) << expression << ": " << filter.error().message;
    return filter && filter->fits(json::parse(item).value());
}

Error filter_refusal(const std::string& expression) {
    const Result<JsonFilter> filter = JsonFilter::parse(expression);
    EXPECT_FALSE(filter.has_value()) << expression;
    return filter ? Error{} : filter.error();
}

/// The item of the official examples' filters.
constexpr const char* phone =
    R"({"rating":{"value":4.5},"electronic":{"brand":{"name":"Premium Tech"},"price":{"schema:price":1999}},
        "beckn:grocery":{"organicCertification":["FSSAI","usda organic"]}})";

TEST(JsonFilter, AnswersTheFiltersOfTheExamples) {
    EXPECT_TRUE(fits("$[?(@.rating.value >= 4 && @.electronic.brand.name == 'Premium Tech')]", phone));
    EXPECT_FALSE(fits("$[?(@.rating.value >= 5 && @.electronic.brand.name == 'Premium Tech')]", phone));
    EXPECT_TRUE(
        fits("$[?(@.electronic.price['schema:price'] <= 2000 && @.electronic.brand.name == 'Premium Tech')]",
             phone));
    EXPECT_FALSE(fits("$[?(@.electronic.price['schema:price'] < 1999)]", phone));
    EXPECT_TRUE(fits("$[?(@.electronic.price['schema:price'] <= 1999)]", phone));
    // Text within text, in whatever letters; a list holds it when one of its texts does; the name is
    // prefixed.
    EXPECT_TRUE(fits("$[?(@.grocery.organicCertification ~ 'USDA Organic')]", phone));
    EXPECT_FALSE(fits("$[?(@.grocery.organicCertification ~ 'Demeter')]", phone));
    EXPECT_TRUE(
        fits("$[?(@.rating.value >= 4 && (@.electronic.brand.name == 'Other' || "
             "@.grocery.organicCertification ~ 'USDA Organic'))]",
             phone));
    EXPECT_TRUE(fits("$[?(@.beckn:grocery.organicCertification[1] == 'usda organic')]", phone));
}

TEST(JsonFilter, AndBindsBeforeOrAndNotBeforeBoth) {
    constexpr const char* item = R"({"a":1,"b":2})";
    EXPECT_TRUE(fits("$[?@.a==1 || @.b==9 && @.a==9]", item));
    EXPECT_FALSE(fits("$[?(@.a==1 || @.b==9) && @.a==9]", item));
    EXPECT_TRUE(fits("$[?!@.c && @.a]", item));
    EXPECT_FALSE(fits("$[?!(@.c || @.a)]", item));
    EXPECT_TRUE(fits("$.catalogs[*].resources[? @.a != 2 ]", item));
}

TEST(JsonFilter, ValuesOfDifferentTypesAreNeitherEqualNorInOrder) {
    constexpr const char* item = R"({"n":2,"s":"2","t":true,"z":null,"half":2.0})";
    EXPECT_FALSE(fits("$[?@.n == '2']", item));
    EXPECT_TRUE(fits("$[?@.n != '2']", item));
    EXPECT_FALSE(fits("$[?@.s < 3]", item));
    EXPECT_TRUE(fits("$[?@.n == @.half]", item));
    EXPECT_TRUE(fits("$[?@.t == true && @.z == null]", item));
    EXPECT_FALSE(fits("$[?@.t > false]", item));
    // What is not there equals only what is not there either.
    EXPECT_FALSE(fits("$[?@.none == null]", item));
    EXPECT_TRUE(fits("$[?@.none == @.neither]", item));
    EXPECT_TRUE(fits("$[?@.none != 1]", item));
    EXPECT_FALSE(fits("$[?@.none <= 1]", item));
}

TEST(JsonFilter, AnyValueThatAWildcardLeadsToMayFit) {
    constexpr const char* item = R"({"slots":[{"kw":5},{"kw":40}],"by":{"x":1,"y":7}})";
    EXPECT_TRUE(fits("$[?@.slots[*].kw >= 40]", item));
    EXPECT_FALSE(fits("$[?@.slots[*].kw > 40]", item));
    EXPECT_TRUE(fits("$[?@.by.* == 7]", item));
    EXPECT_TRUE(fits("$[?@.slots[-1].kw == 40]", item));
    EXPECT_FALSE(fits("$[?@.slots[2]]", item));
}

TEST(JsonFilter, SaysWhatItCannotRead) {
    EXPECT_THAT(filter_refusal("").message, HasSubstr("byte 0: expected '$'"));
    EXPECT_THAT(filter_refusal("$[?@.a ==]").message, HasSubstr("byte 9: expected a path from '@'"));
    EXPECT_THAT(filter_refusal("$[?@.a == 'x").message, HasSubstr("expected the end of the text"));
    EXPECT_THAT(filter_refusal("$[?(@.a]").message, HasSubstr("expected ')'"));
    EXPECT_THAT(filter_refusal("$.a.b").message, HasSubstr("expected a filter"));
    EXPECT_THAT(filter_refusal("$[?7]").message, HasSubstr("expected a comparison"));
    EXPECT_EQ(filter_refusal("$[?@.a == 1].b").code, Errc::unsupported);
    EXPECT_EQ(filter_refusal("$..items[?@.a]").code, Errc::unsupported);
    EXPECT_EQ(filter_refusal("$[?length(@.a) > 1]").code, Errc::unsupported);
    EXPECT_EQ(filter_refusal("$[?@.a == $.b]").code, Errc::unsupported);
    EXPECT_EQ(filter_refusal("$[?@.a[1:2]]").code, Errc::unsupported);
}

TEST(JsonFilter, IsBounded) {
    EXPECT_THAT(filter_refusal("$[?" + std::string(40, '(') + "@.a" + std::string(40, ')') + "]").message,
                HasSubstr("nests too deep"));
    std::string many = "$[?@.a";
    for (int i = 0; i < 40; ++i) {
        many += " || @.a";
    }
    EXPECT_THAT(filter_refusal(many + "]").message, HasSubstr("too many parts"));
    std::string deep = "$[?@";
    for (int i = 0; i < 40; ++i) {
        deep += ".a";
    }
    EXPECT_THAT(filter_refusal(deep + "]").message, HasSubstr("too long"));
    EXPECT_THAT(filter_refusal("$[?" + std::string(100, '!') + "@.a]").message, HasSubstr("nests too deep"));
}

TEST(CatalogFilter, AsksEachItemAsTheDialectWouldTellIt) {
    Catalog catalog{.provider = "pool", .provider_name = "A pool"};
    catalog.id = "c-1";
    for (const char* feeder : {"LV-1", "LV-2", "LV-3"}) {
        flex::Offer offer = test::battery_offer(std::string("of-") + feeder);
        offer.feeder = feeder;
        catalog.offers.push_back(std::move(offer));
    }
    const auto found = [&](WireVersion version, const std::string& expression, std::size_t items_max = 10) {
        std::string ids;
        for (const Catalog& one :
             fitting({catalog}, version, JsonFilter::parse(expression).value(), items_max)) {
            for (const flex::Offer& offer : one.offers) {
                ids += offer.id + " ";
            }
        }
        return ids;
    };
    EXPECT_EQ(found(WireVersion::v2_lts, "$.catalogs[*].resources[?@.resourceAttributes.feederId=='LV-2']"),
              "of-LV-2 ");
    EXPECT_EQ(found(WireVersion::v2_lts, "$[?@.resourceAttributes.feederId > 'LV-1']"), "of-LV-2 of-LV-3 ");
    EXPECT_EQ(found(WireVersion::v2_lts, "$[?@.resourceAttributes.feederId > 'LV-1']", 1), "of-LV-2 ");
    EXPECT_EQ(found(WireVersion::v2_lts, "$[?@.resourceAttributes.feederId=='LV-9']"), "");
    EXPECT_EQ(
        found(WireVersion::v2_rc1, "$[?(@.beckn:itemAttributes['headroom:resource'].feeder_id == 'LV-3')]"),
        "of-LV-3 ");
}

}  // namespace
}  // namespace headroom::beckn
