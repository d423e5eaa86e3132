#include "core/json.hpp"

#include "core/json_fault.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace headroom::json {
namespace {

Value read(std::string_view text) {
    const Result<Value> value = parse(text);
    EXPECT_TRUE(value.has_value()) << text << (value ? "" : value.error().message);
    return value ? *value : Value();
}
std::string fault(std::string_view text, ParseLimits limits = {}) {
    const Result<Value> value = parse(text, limits);
    EXPECT_FALSE(value.has_value()) << text;
    if (value) {
        return "";
    }
    EXPECT_EQ(value.error().code, Errc::invalid);
    return value.error().message;
}

/// What `write` gives for a text of whole UTF-8 characters, one byte after the other.
std::string slowly_escaped(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\v':
                out += "\\u000b";
                break;
            case '\x1F':
                out += "\\u001f";
                break;
            default:
                out += c;
        }
    }
    return out + "\"";
}

TEST(JsonParse, ReadsEveryKindOfValue) {
    const Value value = read(R"( {"a":[1,-2.5,true,false,null,"x"],"b":{"c":""}} )");
    EXPECT_EQ(value.integer("/a/0"), 1);
    EXPECT_EQ(value.number("/a/1"), -2.5);
    EXPECT_TRUE(value.boolean("/a/2"));
    EXPECT_TRUE(value.at("/a/4")->is_null());
    EXPECT_EQ(value.text("/a/5"), "x");
    EXPECT_EQ(value.text("/b/c", "other"), "");
    EXPECT_EQ(value.text("/b/d", "other"), "other");
}

TEST(JsonParse, KeepsWholeNumbersExactAndMakesWiderOnesDoubles) {
    EXPECT_EQ(read("9223372036854775807").as_int(), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(read("-9223372036854775808").as_int(), std::numeric_limits<std::int64_t>::min());
    const Value wide = read("9223372036854775808");
    EXPECT_FALSE(wide.is_int());
    EXPECT_EQ(wide.as_double(), 0x1p63);
    EXPECT_FALSE(wide.as_int().has_value());
    EXPECT_EQ(read("18446744073709551615").as_double(), 0x1p64);
    EXPECT_EQ(read("100000000000000000000000").as_double(), 1e23);
    EXPECT_EQ(read("-100000000000000000000000").as_double(), -1e23);
    // A wide neighbour takes nothing from a number that fits, and digits in a text are no number.
    const Value pair =
        read(R"([9007199254740993,100000000000000000000000,"\"123456789012345678901234567890"])");
    EXPECT_EQ(pair.integer("/0"), 9007199254740993);
    EXPECT_EQ(pair.text("/2"), "\"123456789012345678901234567890");
    EXPECT_EQ(read("1.0").as_int(), 1);
    EXPECT_FALSE(read("1.0").is_int());
    EXPECT_FALSE(read("1.5").as_int().has_value());
}

TEST(JsonParse, RefusesNumbersBeyondADouble) {
    EXPECT_EQ(fault("[1e400]"), "no JSON at byte 1: the number is beyond the range of a double");
    EXPECT_EQ(fault("-1e400").substr(0, 12), "no JSON at b");
    EXPECT_FALSE(parse(std::string(400, '9')).has_value());
    EXPECT_EQ(read("1e-400").as_double(), 0.0);
    EXPECT_EQ(read("1.7976931348623157e308").as_double(), std::numeric_limits<double>::max());
}

TEST(JsonParse, RefusesDuplicateKeysWhereverTheyStand) {
    EXPECT_EQ(fault(R"({"a":1,"a":2})"), R"(the key at "/a" stands twice)");
    EXPECT_EQ(fault(R"({"x":[{"a/b":1,"a\/b":2}]})"), R"(the key at "/x/0/a~1b" stands twice)");
    std::string large = "{";
    for (int i = 0; i < 40; ++i) {
        large += "\"k" + std::to_string(i) + "\":1,";
    }
    EXPECT_EQ(fault(large + "\"k17\":2}"), R"(the key at "/k17" stands twice)");
}

TEST(JsonParse, HoldsItsDepth) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_TRUE(parse(nested(32)).has_value());
    EXPECT_NE(fault(nested(33)).find("nested deeper than 32"), std::string::npos);
    EXPECT_FALSE(parse(nested(100'000)).has_value());
    EXPECT_TRUE(parse(nested(3), {.depth = 3}).has_value());
    EXPECT_FALSE(parse(nested(4), {.depth = 3}).has_value());
    EXPECT_FALSE(parse(R"({"a":{"b":{"c":{}}}})", {.depth = 3}).has_value());
}

TEST(JsonParse, HoldsItsLength) {
    EXPECT_TRUE(parse("[1,2]", {.bytes = 5}).has_value());
    EXPECT_NE(fault("[1,2] ", {.bytes = 5}).find("at most 5"), std::string::npos);
}

TEST(JsonParse, SaysWhereATextBreaks) {
    EXPECT_EQ(fault(""), "no JSON at byte 0: the text ends where a value should stand");
    EXPECT_EQ(fault(std::string_view()), fault(""));  // at no address
    EXPECT_EQ(fault("{\"a\":1} x"), "no JSON at byte 8: characters follow the value");
    EXPECT_EQ(fault("[1,]"), "no JSON at byte 3: no JSON value begins so");
    EXPECT_EQ(fault("{\"a\" 1}"), "no JSON at byte 5: expected a colon after the key");
    EXPECT_EQ(fault("{a:1}"), "no JSON at byte 1: expected a key in quotes");
    EXPECT_EQ(fault("[1 2]"), "no JSON at byte 3: expected a comma or the end of the array");
    EXPECT_EQ(fault("[\"abc"), "no JSON at byte 5: the text ends within a string");
}

TEST(JsonParse, RefusesWhatRfc8259Forbids) {
    for (const char* text : {"[01]",     "[+1]",       "[.5]",        "[1.]",  "[1e]",
                             "[-]",      "[NaN]",      "[Infinity]",  "['a']", "[1,,2]",
                             "[\"\t\"]", "[\"\\x\"]",  "[\"\\u12\"]", "[tru]", "nul",
                             "//c\n1",   "{\"a\":1,}", "]",           "{]",    "\xEF\xBB\xBF[]",
                             "[1]\x0B",  "\"a",        "{\"a\"}",     "[1",    "{"}) {
        EXPECT_FALSE(parse(text).has_value()) << text;
        EXPECT_TRUE(find_fault(text, 32).has_value()) << text;
    }
    EXPECT_FALSE(parse(std::string_view("1\0", 2)).has_value());
}

TEST(JsonParse, RefusesLoneSurrogatesAndBytesThatAreNoUtf8) {
    EXPECT_EQ(read(R"("\ud83d\ude00")"), Value("\xF0\x9F\x98\x80"));
    for (const char* text : {R"("\ud83d")", R"("\ude00")", R"("\ud83dx")", R"("\ud83d\u0041")", "\"\xFF\"",
                             "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xE2\x82\""}) {
        EXPECT_FALSE(parse(text).has_value()) << text;
        EXPECT_TRUE(find_fault(text, 32).has_value()) << text;
    }
}

TEST(JsonParse, ReadsALargeTextAndASmallOneAfterIt) {
    std::string large = "[0";
    for (int i = 1; i < 300'000; ++i) {
        large += "," + std::to_string(i);
    }
    EXPECT_EQ(read(large + "]").integer("/299999"), 299'999);
    EXPECT_EQ(read("[7]").integer("/0"), 7);
}

TEST(JsonWrite, KeepsTheOrderOfMembers) {
    EXPECT_EQ(write(Object{{"b", 1}, {"a", Array{nullptr, true, "x"}}, {"c", Object{}}, {"d", Array{}}}),
              R"({"b":1,"a":[null,true,"x"],"c":{},"d":[]})");
}

TEST(JsonWrite, IndentsForPeople) {
    EXPECT_EQ(write_pretty(Object{{"a", Array{1, 2}}, {"b", Object{}}}),
              "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}\n");
}

TEST(JsonWrite, GivesDoublesThatReadBackTheSame) {
    for (const double number :
         {0.1, 1.0, -0.0, 1e22, 1e-7, 5e-324, 123456789.123, 1.7976931348623157e308, 1.0 / 3.0}) {
        const Value back = read(write(Value(number)));
        EXPECT_FALSE(back.is_int());
        EXPECT_EQ(back.as_double(), number);
        EXPECT_EQ(std::signbit(*back.as_double()), std::signbit(number));
    }
    EXPECT_EQ(write(Value(0.1)), "0.1");
    EXPECT_EQ(write(Value(400.0)), "400.0");
    EXPECT_EQ(write(Value(1e22)), "1e+22");
}

TEST(JsonWrite, ReplacesWhatJsonCannotHold) {
    EXPECT_EQ(write(Value(std::numeric_limits<double>::quiet_NaN())), "null");
    EXPECT_EQ(write(Value(std::numeric_limits<double>::infinity())), "null");
    EXPECT_EQ(write(Value("a\xFF"
                          "b")),
              "\"a\xEF\xBF\xBD"
              "b\"");
}

TEST(JsonWrite, EscapesWhatItMust) {
    EXPECT_EQ(write(Value(std::string("\"\\/\b\f\n\r\t\x01\x1F\x7F\0é", 14))),
              "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\\u0000é\"");
}

TEST(JsonWrite, EscapesAtEveryPlaceOfATextOfAnyLength) {
    for (const std::string& special :
         {"\"", "\\", "\n", "\v", "\x1F", "\x7F", "é", "€", "😀", "\"\"", "\\é"}) {
        for (const std::size_t length : {0U, 1U, 15U, 16U, 17U, 40U, 255U, 256U, 257U, 600U}) {
            for (std::size_t place = length > 40 ? length - 40 : 0; place <= length; ++place) {
                std::string text(length, 'a');
                text.insert(place, special);
                const std::string escaped = write(Value(text));
                EXPECT_EQ(read(escaped).as_string() != nullptr ? *read(escaped).as_string() : "", text);
                EXPECT_EQ(escaped, slowly_escaped(text)) << length << " " << place;
            }
        }
    }
}

TEST(JsonObject, ReplacesAndErases) {
    Object object{{"a", 1}, {"b", 2}, {"a", 3}};
    EXPECT_EQ(object.size(), 2U);
    EXPECT_EQ(*object.find("a"), Value(3));
    EXPECT_TRUE(object.erase("a"));
    EXPECT_FALSE(object.erase("a"));
    EXPECT_EQ(object.find("a"), nullptr);
}

TEST(JsonObject, IsEqualWhateverTheOrder) {
    EXPECT_EQ((Object{{"a", 1}, {"b", 2}}), (Object{{"b", 2}, {"a", 1}}));
    EXPECT_FALSE((Object{{"a", 1}, {"b", 2}}) == (Object{{"a", 1}, {"b", 3}}));
    EXPECT_FALSE((Object{{"a", 1}, {"b", 2}}) == (Object{{"a", 1}, {"c", 2}}));
    Object forwards;
    Object backwards;
    for (int i = 0; i < 50; ++i) {
        forwards.set(std::to_string(i), i);
        backwards.set(std::to_string(49 - i), 49 - i);
    }
    EXPECT_EQ(forwards, backwards);
    backwards.set("7", 8);
    EXPECT_FALSE(forwards == backwards);
}

TEST(JsonPointer, FollowsRfc6901) {
    const Value value = read(R"({"foo":["bar","baz"],"":0,"a/b":1,"m~n":8," ":7})");
    EXPECT_EQ(value.at(""), &value);
    EXPECT_EQ(value.text("/foo/1"), "baz");
    EXPECT_EQ(value.integer("/", -1), 0);
    EXPECT_EQ(value.integer("/a~1b"), 1);
    EXPECT_EQ(value.integer("/m~0n"), 8);
    EXPECT_EQ(value.integer("/ "), 7);
    for (const char* pointer : {"foo", "/foo/2", "/foo/-", "/foo/01", "/foo/+1", "/foo/", "/foo/0/x", "/m~n",
                                "/m~2n", "/foo/99999999999999999999", "/none"}) {
        EXPECT_EQ(value.at(pointer), nullptr) << pointer;
    }
    EXPECT_EQ(escape_pointer("a/b~c"), "a~1b~0c");
}

TEST(JsonValue, TakesWholeDoublesForIntegersOnlyWhereTheyFit) {
    EXPECT_EQ(Value(0x1p62).as_int(), std::int64_t{1} << 62);
    EXPECT_FALSE(Value(0x1p63).as_int().has_value());
    EXPECT_EQ(Value(-0x1p63).as_int(), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(Value(std::optional<int>{}), Value());
    EXPECT_EQ(Value(std::optional<int>{3}), Value(3));
}

}  // namespace
}  // namespace headroom::json
