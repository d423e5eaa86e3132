#include "core/reflect_json.hpp"

#include "core/reflect_schema.hpp"

#include <gtest/gtest.h>

namespace headroom {
namespace {

enum class Colour { red, green };
std::string_view to_string(Colour colour) {
    return colour == Colour::red ? "red" : "green";
}

struct Inner {
    std::string name;
    double share = 0.0;
};

struct Thing {
    Id<struct ThingTag> id;
    bool is_on = false;
    std::int64_t energy_wh = 0;
    int count = 0;
    std::uint32_t small = 0;
    std::uint64_t big = 0;
    Kilowatts load_kw{};
    MicroPounds price_upo{};
    UtcTime start{};
    Date day{};
    Colour colour = Colour::red;
    std::optional<double> limit_kw;
    std::vector<Inner> parts;
    std::map<std::string, std::string> labels;
    milliseconds wait_ms{5};
    json::Value extra;
};

/// Names only one of its two members.
struct Forgetful {
    int first = 0;
    int second = 0;
};
struct Reordered {
    int first = 0;
    std::string second;
};
struct Mute {
    int first = 0;
};
struct Stammering {
    int first = 0;
    int second = 0;
};

}  // namespace

template <>
struct EnumValues<Colour> {
    static constexpr std::array all{Colour::red, Colour::green};
};
template <>
struct Fields<Inner> {
    static constexpr std::string_view name = "Inner";
    static constexpr auto table =
        field_table(field("name", &Inner::name, "What it is called.", {.minimum = 1, .maximum = 4}),
                    field("share", &Inner::share, "Its share.", {.minimum = 0, .maximum = 1}));
};
template <>
struct Fields<Thing> {
    static constexpr std::string_view name = "Thing";
    static constexpr auto table = field_table(
        field("id", &Thing::id, "Its id.", {.example = "\"T-1\""}),
        field("is_on", &Thing::is_on, "Whether it is on."),
        field("energy_wh", &Thing::energy_wh, "Energy.", {.unit = "Wh"}),
        field("count", &Thing::count, "How many.", {.minimum = 0, .maximum = 9}),
        field("small", &Thing::small, "A small number."), field("big", &Thing::big, "A large number."),
        field("load_kw", &Thing::load_kw, "Load, import positive.",
              {.unit = "kW", .maximum = 1e6, .example = "12.5"}),
        field("price_upo", &Thing::price_upo, "Price."), field("start", &Thing::start, "When it starts."),
        field("day", &Thing::day, "The day."), field("colour", &Thing::colour, "Its colour."),
        field("limit_kw", &Thing::limit_kw, "A limit, if any.", {.unit = "kW"}),
        field("parts", &Thing::parts, "Its parts.", {.maximum = 2}),
        field("labels", &Thing::labels, "Labels."),
        field("wait_ms", &Thing::wait_ms, "A pause.", {.unit = "ms", .required = false}),
        field("extra", &Thing::extra, "Anything.", {.required = false}));
};
template <>
struct Fields<Forgetful> {
    static constexpr auto table = field_table(field("first", &Forgetful::first, "First."));
};
template <>
struct Fields<Reordered> {
    static constexpr auto table = field_table(field("second", &Reordered::second, "Second."),
                                              field("first", &Reordered::first, "First."));
};
template <>
struct Fields<Mute> {
    static constexpr auto table = field_table(field("first", &Mute::first, ""));
};
template <>
struct Fields<Stammering> {
    static constexpr auto table = field_table(field("first", &Stammering::first, "First."),
                                              field("second", &Stammering::first, "First again."));
};

namespace {

static_assert(reflect_detail::covers_every_member<Thing>());
static_assert(!reflect_detail::covers_every_member<Forgetful>());
static_assert(!reflect_detail::covers_every_member<Reordered>());
static_assert(reflect_detail::rows_are_sound<Thing>());
static_assert(!reflect_detail::rows_are_sound<Mute>(), "an empty doc must stop the build");
static_assert(!reflect_detail::rows_are_sound<Stammering>(), "a member twice must stop the build");

constexpr std::string_view whole_thing =
    R"({"id":"T-1","is_on":true,"energy_wh":-9007199254740993,"count":3,"small":4294967295,"big":5,"load_kw":12.5,)"
    R"("price_upo":-7,"start":"2026-11-20T17:00:00.000Z","day":"2026-11-20","colour":"green","limit_kw":400.5,)"
    R"("parts":[{"name":"a","share":0.25},{"name":"b","share":1.0}],"labels":{"a":"b"},"wait_ms":250,"extra":[1,null]})";

json::Value parsed(std::string_view text) {
    const auto value = json::parse(text);
    EXPECT_TRUE(value.has_value()) << text;
    return value ? *value : json::Value();
}

std::vector<Fault> faults_of(const json::Value& value, UnknownMembers unknown = UnknownMembers::refuse) {
    std::vector<Fault> faults;
    const auto thing = read_json<Thing>(value, faults, "", unknown);
    EXPECT_EQ(thing.has_value(), faults.empty());
    return faults;
}

json::Value thing_with(std::string key, json::Value value) {
    json::Value thing = parsed(whole_thing);
    thing.as_object()->set(std::move(key), std::move(value));
    return thing;
}

TEST(ReflectJson, WritesWhatItRead) {
    const Result<Thing> thing = from_json<Thing>(parsed(whole_thing));
    ASSERT_TRUE(thing.has_value()) << thing.error().message;
    EXPECT_EQ(thing->load_kw, 12.5_kW);
    EXPECT_EQ(thing->energy_wh, -9007199254740993);
    EXPECT_EQ(thing->small, 4294967295U);
    EXPECT_EQ(thing->colour, Colour::green);
    EXPECT_EQ(thing->limit_kw, 400.5);
    EXPECT_EQ(thing->parts.at(1).name, "b");
    EXPECT_EQ(thing->wait_ms, milliseconds{250});
    EXPECT_EQ(json::write(to_json(*thing)), whole_thing);
}

TEST(ReflectJson, LeavesAbsentOptionalsOut) {
    json::Value value = parsed(whole_thing);
    value.as_object()->erase("limit_kw");
    value.as_object()->erase("wait_ms");
    const Result<Thing> thing = from_json<Thing>(value);
    ASSERT_TRUE(thing.has_value()) << thing.error().message;
    EXPECT_FALSE(thing->limit_kw.has_value());
    EXPECT_EQ(thing->wait_ms, milliseconds{5});  // its default
    EXPECT_EQ(to_json(*thing).get("limit_kw"), nullptr);
}

TEST(ReflectJson, NamesTheFieldOfEveryFault) {
    const json::Value value = parsed(
        R"({"id":"-x","is_on":1,"energy_wh":1.5,"count":10,"small":4294967296,"big":-1,"load_kw":"12",)"
        R"("price_upo":null,"start":"2026-11-20T17:00:00","day":"2026-02-30","colour":"blue",)"
        R"("parts":[{"name":"","share":2}],"labels":{"a/b":3},"surplus":1})");
    const std::vector<Fault> faults = faults_of(value);
    std::vector<std::string> pointers;
    for (const Fault& fault : faults) {
        pointers.push_back(fault.pointer);
        EXPECT_FALSE(fault.detail.empty());
    }
    EXPECT_EQ(pointers,
              (std::vector<std::string>{"/id", "/is_on", "/energy_wh", "/count", "/small", "/big", "/load_kw",
                                        "/price_upo", "/start", "/day", "/colour", "/parts/0/name",
                                        "/parts/0/share", "/labels/a~1b", "/surplus"}));
    EXPECT_EQ(faults.at(3).detail, "must be from 0 to 9, it is 10");
    EXPECT_EQ(faults.at(7).detail, "is missing");
    EXPECT_EQ(faults.at(10).detail, "must be one of \"red\", \"green\"");
    EXPECT_EQ(faults.at(11).detail, "must have from 1 to 4 characters, it has 0");
}

TEST(ReflectJson, PutsTheCallersPointerInFront) {
    std::vector<Fault> faults;
    EXPECT_FALSE(read_json<Inner>(parsed(R"({"name":"a"})"), faults, "/body/3").has_value());
    EXPECT_EQ(faults, (std::vector<Fault>{{"/body/3/share", "is missing"}}));
}

TEST(ReflectJson, TakesUnknownMembersOnlyWhenTold) {
    const json::Value value = thing_with("surplus", 1);
    EXPECT_EQ(faults_of(value).size(), 1U);
    EXPECT_TRUE(faults_of(value, UnknownMembers::ignore).empty());
}

TEST(ReflectJson, CountsCharactersNotBytes) {
    EXPECT_TRUE(from_json<Inner>(parsed(R"({"name":"éééé","share":0})")).has_value());
    EXPECT_FALSE(from_json<Inner>(parsed(R"({"name":"ééééé","share":0})")).has_value());
}

TEST(ReflectJson, BoundsAListBeforeItsElements) {
    const json::Value part = parsed(R"({"name":"a","share":0})");
    const auto faults = faults_of(thing_with("parts", json::Array{part, part, part}));
    EXPECT_EQ(faults, (std::vector<Fault>{{"/parts", "must have at most 2 entries, it has 3"}}));
}

TEST(ReflectJson, StopsCountingFaultsOfAHostileList) {
    json::Array wrong(100'000, json::Value("x"));
    std::vector<Fault> faults;
    EXPECT_FALSE(read_json<std::vector<double>>(json::Value(std::move(wrong)), faults).has_value());
    EXPECT_EQ(faults.size(), faults_max);
}

TEST(ReflectJson, SaysTheFirstFaultsInOneSentence) {
    const Result<Inner> inner = from_json<Inner>(parsed(R"({"name":7,"share":-1,"x":0})"));
    ASSERT_FALSE(inner.has_value());
    EXPECT_EQ(inner.error().code, Errc::invalid);
    EXPECT_EQ(inner.error().pointer, "/name");
    EXPECT_EQ(
        inner.error().message,
        "not a Inner: /name must be a text; /share must be from 0 to 1, it is -1; /x is not known here");
}

TEST(ReflectSchema, SaysTypesUnitsBoundsAndExamples) {
    const json::Value schema(json_schema<Thing>());
    EXPECT_EQ(schema.text("/$schema"), "https://json-schema.org/draft/2020-12/schema");
    EXPECT_EQ(schema.text("/title"), "Thing");
    EXPECT_EQ(schema.text("/properties/load_kw/type"), "number");
    EXPECT_EQ(schema.text("/properties/load_kw/x-unit"), "kW");
    EXPECT_EQ(schema.text("/properties/load_kw/description"), "Load, import positive.");
    EXPECT_EQ(schema.number("/properties/load_kw/examples/0"), 12.5);
    EXPECT_EQ(schema.integer("/properties/load_kw/maximum"), 1'000'000);
    EXPECT_EQ(schema.integer("/properties/small/minimum", -1), 0);
    EXPECT_EQ(schema.text("/properties/start/format"), "date-time");
    EXPECT_EQ(schema.text("/properties/colour/enum/1"), "green");
    EXPECT_EQ(schema.integer("/properties/parts/items/properties/name/maxLength"), 4);
    EXPECT_EQ(schema.integer("/properties/parts/maxItems"), 2);
    EXPECT_EQ(schema.text("/properties/labels/additionalProperties/type"), "string");
    const json::Array* required = schema.at("/required")->as_array();
    EXPECT_EQ(required->size(), 13U);  // all but limit_kw, wait_ms and extra
    EXPECT_EQ(std::count(required->begin(), required->end(), json::Value("limit_kw")), 0);
}

TEST(ReflectSchema, PutsNestedTypesWhereToldAndRefersToThem) {
    SchemaPlace place{.prefix = "#/components/schemas/", .definitions = {}};
    const json::Value schema(json_schema<std::vector<Thing>>(place));
    EXPECT_EQ(schema.text("/items/$ref"), "#/components/schemas/Thing");
    ASSERT_EQ(place.definitions.size(), 2U);
    const json::Value definitions(place.definitions);
    EXPECT_EQ(definitions.text("/Thing/properties/parts/items/$ref"), "#/components/schemas/Inner");
    EXPECT_EQ(definitions.text("/Inner/properties/share/type"), "number");
}

}  // namespace
}  // namespace headroom
