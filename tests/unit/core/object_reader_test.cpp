#include "core/object_reader.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace headroom::json {
namespace {

Value sample() {
    return Object{{"name", "LV-017"},
                  {"w", 42},
                  {"share", 0.5},
                  {"on", true},
                  {"at", "2027-01-14T17:00:00Z"},
                  {"list", Array{1, 2, 3}},
                  {"words", Array{"a", "b"}}};
}

TEST(ObjectReader, ReadsWhatIsThere) {
    const Value value = sample();
    ObjectReader read(value);
    EXPECT_EQ(read.text("name"), "LV-017");
    EXPECT_EQ(read.integer("w", 0, 100), 42);
    EXPECT_TRUE(read.boolean("on"));
    EXPECT_EQ(read.time("at"), parse_utc("2027-01-14T17:00:00Z").value());
    EXPECT_EQ(read.integers("list", 3, 0, 9), (std::vector<std::int64_t>{1, 2, 3}));
    EXPECT_EQ(read.texts("words", 2), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(read.text_or_empty("absent"), "");
    EXPECT_EQ(read.optional_integer("absent", 0, 1), std::nullopt);
    EXPECT_TRUE(read.ok());
    read.refuse_unknown();
    EXPECT_EQ(read.error().pointer, "/share");  // nobody asked for it
}

TEST(ObjectReader, KeepsTheFirstFaultWithItsPointer) {
    const Value value = sample();
    ObjectReader read(value, "/feeders/3");
    EXPECT_EQ(read.integer("w", 0, 41), 0);
    EXPECT_EQ(read.text("absent"), "");
    EXPECT_EQ(read.error().pointer, "/feeders/3/w");
    EXPECT_EQ(read.error().message, "/feeders/3/w: must be a whole number from 0 to 41");
}

TEST(ObjectReader, EachKindIsHeldToItsBounds) {
    const auto pointer_of = [](auto ask) {
        const Value value = sample();
        ObjectReader read(value);
        ask(read);
        return read.ok() ? std::string("fine") : read.error().pointer;
    };
    EXPECT_EQ(pointer_of([](ObjectReader& read) { static_cast<void>(read.text("name", 5)); }), "/name");
    EXPECT_EQ(pointer_of([](ObjectReader& read) { static_cast<void>(read.text("name", 9, 7)); }), "/name");
    EXPECT_EQ(pointer_of([](ObjectReader& read) { static_cast<void>(read.text("w")); }), "/w");
    EXPECT_EQ(pointer_of([](ObjectReader& read) { static_cast<void>(read.integer("share")); }), "/share");
    EXPECT_EQ(pointer_of([](ObjectReader& read) { static_cast<void>(read.boolean("w")); }), "/w");
    EXPECT_EQ(pointer_of([](ObjectReader& read) { static_cast<void>(read.time("name")); }), "/name");
    EXPECT_EQ(pointer_of([](ObjectReader& read) { static_cast<void>(read.integers("list", 2, 0, 9)); }),
              "/list");
    EXPECT_EQ(pointer_of([](ObjectReader& read) { static_cast<void>(read.integers("list", 3, 0, 2)); }),
              "/list/2");
    EXPECT_EQ(pointer_of([](ObjectReader& read) { static_cast<void>(read.texts("list", 3)); }), "/list/0");
    EXPECT_EQ(pointer_of([](ObjectReader& read) { static_cast<void>(read.value("absent")); }), "/absent");
    EXPECT_EQ(pointer_of([](ObjectReader& read) {
                  static_cast<void>(read.word("name", [](std::string_view) { return std::optional<int>{}; }));
              }),
              "/name");
}

TEST(ObjectReader, AFaultBelowKeepsItsWay) {
    const Value value = sample();
    ObjectReader read(value, "/a");
    EXPECT_EQ(read.take("list", Result<int>(Error{Errc::conflict, "why", "/0/x"})), 0);
    EXPECT_EQ(read.error().pointer, "/a/list/0/x");
    EXPECT_EQ(read.error().code, Errc::conflict);
}

TEST(ObjectReader, WhatIsNoObjectIsAFaultFromTheStart) {
    const Value number(3);
    ObjectReader read(number, "/x");
    EXPECT_FALSE(read.ok());
    EXPECT_EQ(read.error().pointer, "/x");
    EXPECT_FALSE(read.has("a"));
    read.refuse_unknown();
    EXPECT_EQ(read.error().message, "must be an object");
}

}  // namespace
}  // namespace headroom::json
