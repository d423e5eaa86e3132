#include "api/request.hpp"

#include <gtest/gtest.h>

namespace headroom::api {
namespace {

net::Request with_query(net::QueryList query) {
    net::Request request;
    request.method = "GET";
    request.path = "/api/v1/things";
    request.query = std::move(query);
    return request;
}

TEST(Cursor, ReadsBackWhatWasWritten) {
    for (const std::string place : {"id.100", "headroom.3.200", "1800000000000.ev-abc", "", "\xff\x00?/+"}) {
        const Result<std::string> read = read_cursor(write_cursor(place));
        ASSERT_TRUE(read.has_value()) << place;
        EXPECT_EQ(*read, place);
    }
}

TEST(Cursor, IsRefusedWhenItIsNotOurs) {
    std::string cut = write_cursor("id.100");
    cut.pop_back();
    for (const std::string& cursor :
         {cut, std::string("id.100"), std::string("%%%"), std::string(5000, 'A')}) {
        const Result<std::string> read = read_cursor(cursor);
        ASSERT_FALSE(read.has_value()) << cursor;
        EXPECT_EQ(read.error().code, Errc::invalid);
        EXPECT_EQ(read.error().pointer, "/cursor");
    }
}

TEST(PageOf, HasDefaultsAndBounds) {
    EXPECT_EQ(page_of(with_query({}))->limit, desk::page_default);
    EXPECT_EQ(page_of(with_query({{"limit", "1000"}}))->limit, 1000U);
    for (const char* limit : {"0", "1001", "-1", "x", "", "1e3", "99999999999999999999"}) {
        const Result<desk::PageRequest> page = page_of(with_query({{"limit", limit}}));
        ASSERT_FALSE(page.has_value()) << limit;
        EXPECT_EQ(page.error().pointer, "/limit");
    }
}

TEST(Parameters, NameWhatDoesNotFit) {
    EXPECT_EQ(time_parameter(with_query({{"from", "2027-01-14T12:00:00"}}), "from").error().pointer, "/from");
    EXPECT_FALSE(time_parameter(with_query({}), "from")->has_value());
    EXPECT_EQ(text_parameter(with_query({{"q", std::string(65, 'a')}}), "q", 64).error().pointer, "/q");
    EXPECT_EQ(dry_run_of(with_query({{"dry_run", "yes"}})).error().pointer, "/dry_run");
    EXPECT_TRUE(*dry_run_of(with_query({{"dry_run", "true"}})));
}

TEST(ListResponse, LinksTheNextPageWithTheSameFilter) {
    const json::Array items{json::Object{{"a", 1}, {"b", 2}}, json::Object{{"a", 3}}};
    const net::Response response =
        list_response(with_query({{"q", "Mill & Co"}, {"fields", "a"}}), "things", items, "id.2");
    const Result<json::Value> body = json::parse(response.body);
    EXPECT_EQ(json::write(*body->get("things")), R"([{"a":1},{"a":3}])");
    const std::string cursor = body->text("/next_cursor");
    EXPECT_EQ(*read_cursor(cursor), "id.2");
    EXPECT_EQ(response.headers.get("Link"),
              "</api/v1/things?q=Mill%20%26%20Co&fields=a&cursor=" + cursor + ">; rel=\"next\"");
    const net::Response last = list_response(with_query({}), "things", items, std::nullopt);
    EXPECT_TRUE(json::parse(last.body)->get("next_cursor")->is_null());
    EXPECT_FALSE(last.headers.has("Link"));
}

TEST(ObjectBody, TakesOnlyObjects) {
    net::Request request;
    EXPECT_TRUE(object_body(request)->is_object()) << "no body counts as {}";
    request.body = "[1]";
    EXPECT_FALSE(object_body(request).has_value());
    request.body = "{\"a\":";
    EXPECT_FALSE(object_body(request).has_value());
}

}  // namespace
}  // namespace headroom::api
