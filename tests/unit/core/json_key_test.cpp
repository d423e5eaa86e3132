#include "core/json.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::json {
namespace {

constexpr std::string_view short_text = "feeder_id";
constexpr std::string_view long_text = "availability_price_per_mw_and_hour";

TEST(JsonKey, ReadsAsItsTextWhereverItIsKept) {
    const Key literal = "availability_price_per_mw_and_hour";
    EXPECT_EQ(std::string_view(literal), long_text);
    for (const std::string_view text : {std::string_view(), short_text, std::string_view("twelve_bytes"),
                                        std::string_view("thirteen_here"), long_text}) {
        const Key key = text;
        EXPECT_EQ(std::string_view(key), text);
        EXPECT_EQ(key.str(), text);
        EXPECT_TRUE(key == text);
        EXPECT_EQ(Key::of_static(text), key);
        EXPECT_EQ(std::string_view(key).size(), text.size());
    }
}

TEST(JsonKey, OutlivesTheTextThatItWasMadeFrom) {
    std::array<char, 6> changing{"alpha"};
    const Key from_array = std::string_view(changing.data(), 5);
    const char* pointed = changing.data();
    const Key from_pointer = pointed;
    std::string long_lived(long_text);
    const Key from_string = long_lived;
    changing = {"omega"};
    long_lived.assign(long_lived.size(), 'x');
    EXPECT_EQ(from_array, "alpha");
    EXPECT_EQ(from_pointer, "alpha");
    EXPECT_EQ(from_string, long_text);
}

TEST(JsonKey, IsCopiedMovedAndAssigned) {
    for (const std::string_view text : {short_text, long_text}) {
        Key first = text;
        Key copy = first;
        EXPECT_EQ(copy, text);
        EXPECT_EQ(first, text);
        const Key moved = std::move(first);
        EXPECT_EQ(moved, text);
        EXPECT_EQ(first, "");  // NOLINT(bugprone-use-after-move): empty is what a moved one is
        Key& itself = copy;
        copy = itself;
        EXPECT_EQ(copy, text);
        copy = Key("other");
        EXPECT_EQ(copy, "other");
        copy = moved;
        EXPECT_EQ(copy, text);
        EXPECT_EQ(moved, text);
    }
}

TEST(JsonKey, ComparesAndJoinsAsText) {
    EXPECT_TRUE(Key("a") < Key("b"));
    EXPECT_TRUE(Key("a") < Key("aa"));
    EXPECT_FALSE(Key("b") < Key("b"));
    EXPECT_TRUE("kw" == Key("kw"));
    EXPECT_TRUE(Key("kw") != Key("kwh"));
    EXPECT_EQ("a " + Key("b") + " c", "a b c");
    EXPECT_EQ(Key("b") + std::string("c"), "bc");
}

TEST(JsonKey, KeysOfAnObjectMayBeMadeAtRunTime) {
    Object object;
    for (int i = 0; i < 40; ++i) {
        object.set("a_key_of_many_bytes_" + std::to_string(i), i);
        object.set(std::to_string(i), i);
    }
    object.set("a_key_of_many_bytes_7", "seven");
    ASSERT_EQ(object.size(), 80U);
    EXPECT_EQ(*object.find("a_key_of_many_bytes_7")->as_string(), "seven");
    EXPECT_EQ(object.find("39")->as_int(), 39);
    EXPECT_TRUE(object.erase("a_key_of_many_bytes_7"));
    EXPECT_EQ(object.find("a_key_of_many_bytes_7"), nullptr);
    EXPECT_EQ(*parse(write(object)), Value(object));
}

Object nested() {
    return Object{{"list", Array{1, "two of more than fifteen bytes", Object{{"three", 3.5}}}}, {"is", true}};
}

TEST(JsonValue, IsCopiedDeepAndLeavesTheOriginalAlone) {
    const std::vector<Value> all{Value(),
                                 Value(true),
                                 Value(-7),
                                 Value(0.25),
                                 Value("a text that is longer than a string keeps in place"),
                                 Value(Array{1, 2}),
                                 Value(nested())};
    for (const Value& value : all) {
        const Value before = value;
        Value copy = value;
        EXPECT_EQ(copy, value);
        for (const Value& other : all) {
            copy = other;
            EXPECT_EQ(copy, other);
            copy = value;
        }
        if (Object* object = copy.as_object()) {
            object->set("is", false);
            (*object->find("list")->as_array())[0] = "changed";
            EXPECT_NE(copy, value);
        }
        EXPECT_EQ(value, before);
        Value moved = std::move(copy);
        Value& itself = moved;
        const Value kept = moved;
        moved = itself;
        EXPECT_EQ(moved, kept);
        moved = std::move(itself);
        EXPECT_EQ(moved, kept);
    }
}

TEST(JsonValue, MayBecomeAPartOfItself) {
    Value value(nested());
    value = std::move((*value.as_object()->find("list")->as_array())[2]);
    EXPECT_EQ(value, Value(Object{{"three", 3.5}}));
    value = Value(*value.get("three"));
    EXPECT_EQ(value, Value(3.5));
    Value list(Array{Value(Array{Value(Array{"inmost text, long enough to be on the heap"})})});
    list = (*list.as_array())[0];
    list = (*list.as_array())[0];
    EXPECT_EQ(list, Value(Array{"inmost text, long enough to be on the heap"}));
}

TEST(JsonValue, KeepsScalarsApart) {
    EXPECT_NE(Value(1), Value(1.0));
    EXPECT_NE(Value(0), Value(false));
    EXPECT_NE(Value(), Value(0));
    EXPECT_EQ(Value(0.0), Value(-0.0));
    EXPECT_EQ(Value(INT64_MIN).as_int(), INT64_MIN);
    EXPECT_EQ(Value(-0.5).as_double(), -0.5);
    EXPECT_EQ(Value(false).as_bool(), false);
    EXPECT_EQ(Value(1).as_bool(), std::nullopt);
    EXPECT_EQ(Value(true).as_int(), std::nullopt);
}

}  // namespace
}  // namespace headroom::json
