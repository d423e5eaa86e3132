#include "api/operation.hpp"

#include "api/bodies.hpp"
#include "api/openapi.hpp"
#include "desk/event_answers.hpp"

#include <gtest/gtest.h>

namespace headroom::api {
namespace {

net::RouteInfo info(std::string method, std::string pattern, const Operation& operation) {
    return {.method = std::move(method), .pattern = std::move(pattern), .options = operation.options()};
}

TEST(SchemaLike, SaysWhatTheExampleIsOneOf) {
    const json::Object schema = schema_like(*json::parse(R"({"a":1,"b":1.5,"c":["x"],"d":null,"e":true})"));
    EXPECT_EQ(json::write(schema),
              R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"number"},)"
              R"("c":{"type":"array","items":{"type":"string"}},"d":{},"e":{"type":"boolean"}},)"
              R"("required":["a","b","c","d","e"]})");
}

TEST(ExampleOf, UsesTheWordsOfTheProductAndFollowsReferences) {
    SchemaPlace place{.prefix = "#/components/schemas/", .definitions = {}};
    const json::Object schema = json_schema<desk::OverloadAnswer>(place);
    const json::Value example = example_of(schema, place.definitions);
    EXPECT_EQ(example.text("/feeder_id"), "F-0130");
    EXPECT_EQ(example.text("/limit/phase"), "L1");
    EXPECT_EQ(example.text("/need/0/start"), "2027-01-14T17:30:00.000Z");
}

TEST(AnswerSchema, OptionalMembersAreThereAndMayBeNull) {
    const json::Object schema = json_schema<desk::SlotAnswer>();
    EXPECT_EQ(schema.find("additionalProperties"), nullptr) << "a later version may add members";
    SchemaPlace place{.prefix = "#/", .definitions = {}};
    static_cast<void>(json_schema<desk::FeederAnswer>(place));
    const json::Value feeder = *place.definitions.find("Feeder");
    EXPECT_EQ(json::write(*feeder.at("/properties/load_kw/type")), R"(["number","null"])");
    EXPECT_EQ(json::write(*feeder.at("/properties/expected/anyOf/1")), R"({"type":"null"})");
    desk::FeederAnswer unknown;
    const json::Value printed = to_json(unknown);
    ASSERT_NE(printed.get("load_kw"), nullptr);
    EXPECT_TRUE(printed.get("load_kw")->is_null());
}

TEST(OpenApi, IsTheSameWhateverTheOrderOfRoutes) {
    const net::RouteInfo a = info("GET", "/api/v1/a", Operation("viewer", "A").answers_nothing(204, "A."));
    const net::RouteInfo b =
        info("POST", "/api/v1/a", Operation("operator", "B").takes<ReasonBody>("{\"reason\":\"x\"}"));
    EXPECT_EQ(json::write(openapi_document({a, b})), json::write(openapi_document({b, a})));
}

TEST(OpenApi, RoutesCarryRoleRefusalsAndPathParameters) {
    const json::Value document(openapi_document(
        {info("GET", "/api/v1/things/{id}", Operation("viewer", "One").answers_nothing(200, "It.")),
         info("GET", "/files/{path...}", Operation("none", "A file").answers_nothing(200, "It."))}));
    const json::Value one = *document.at("/paths/~1api~1v1~1things~1{id}/get");
    EXPECT_EQ(one.text("/x-role"), "viewer");
    EXPECT_EQ(one.text("/operationId"), "get_things_by_id");
    EXPECT_EQ(one.text("/responses/403/$ref"), "#/components/responses/Problem403");
    EXPECT_EQ(one.text("/parameters/0/name"), "id");
    const json::Value file = *document.at("/paths/~1files~1{path}/get");
    EXPECT_EQ(file.at("/responses/401"), nullptr) << "open to all";
    EXPECT_TRUE(file.get("security")->as_array()->empty());
}

net::Request with_body(std::string body) {
    net::Request request;
    request.path = "/api/v1/stop";
    request.body = std::move(body);
    return request;
}

TEST(ReadBody, TellsTextThatIsNotJsonFromWhatDoesNotFit) {
    EXPECT_EQ(read_body<StopBody>(with_body("{\"area\":")).refused.status, 400);
    const Body<StopBody> wrong = read_body<StopBody>(with_body(R"({"stopped":"yes","colour":1})"));
    EXPECT_FALSE(wrong.value.has_value());
    EXPECT_EQ(wrong.refused.status, 422);
    const Result<json::Value> problem = json::parse(wrong.refused.body);
    EXPECT_EQ(problem->get("errors")->as_array()->size(), 3U) << wrong.refused.body;
    const Body<StopBody> right = read_body<StopBody>(with_body(R"({"reason":"drill"})"));
    ASSERT_TRUE(right.value.has_value());
    EXPECT_TRUE(right.value->stopped);
}

}  // namespace
}  // namespace headroom::api
