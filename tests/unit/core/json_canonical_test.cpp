#include "core/digest.hpp"
#include "core/json.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace headroom::json {
namespace {

// Leaf 5 of the audit specification: raw UTF-8, an escaped quote, a tab and U+0001.
constexpr std::string_view leaf_5 =
    "{\"actor\":{\"id\":\"bess-77\",\"kind\":\"device\"},\"body\":{\"accepted\":true,\"latency_ms\":412,"
    "\"note\":\"café \\\"ok\\\" / €\\t\\u0001\",\"order\":\"01JD3ZK6V3V9Q6T8W2M4N5P7R9\"},"
    "\"corr\":\"ev-20261120-01\",\"outcome\":\"ok\",\"seq\":5,\"ts\":\"2026-11-20T16:55:00.005Z\","
    "\"type\":\"dispatch.order.ack\",\"v\":1}";

std::string refused(const Value& value) {
    const Result<std::string> text = write_canonical(value);
    EXPECT_FALSE(text.has_value());
    return text ? "" : text.error().pointer;
}

TEST(WriteCanonical, SortsKeysAndKeepsRawUtf8) {
    const Value entry(Object{
        {"v", 1},
        {"type", "dispatch.order.ack"},
        {"ts", "2026-11-20T16:55:00.005Z"},
        {"seq", 5},
        {"outcome", "ok"},
        {"corr", "ev-20261120-01"},
        {"body", Object{{"order", "01JD3ZK6V3V9Q6T8W2M4N5P7R9"},
                        {"note", "café \"ok\" / €\t\x01"},
                        {"latency_ms", 412},
                        {"accepted", true}}},
        {"actor", Object{{"kind", "device"}, {"id", "bess-77"}}},
    });
    const Result<std::string> text = write_canonical(entry);
    ASSERT_TRUE(text.has_value()) << text.error().message;
    EXPECT_EQ(*text, leaf_5);
    EXPECT_EQ(text->size(), 270U);
    EXPECT_EQ(to_hex(sha256({std::string_view("\0", 1), *text})),
              "544a6b976a7a1f18d070244e2b4776c6e2c2fde5198237044a837fcbbd3106c0");
}

TEST(WriteCanonical, TakesIntegersUpTo2To53Minus1) {
    EXPECT_EQ(*write_canonical(Value(std::int64_t{9007199254740991})), "9007199254740991");
    EXPECT_EQ(*write_canonical(Value(std::int64_t{-9007199254740991})), "-9007199254740991");
    EXPECT_EQ(refused(Object{{"n", std::int64_t{9007199254740992}}}), "/n");
    EXPECT_EQ(refused(Object{{"n", std::int64_t{-9007199254740992}}}), "/n");
    EXPECT_EQ(refused(Object{{"n", 1.0}}), "/n");
}

TEST(WriteCanonical, RefusesOtherKeysThanItsOwn) {
    for (const char* key : {"", "A", "1a", "_a", "a-b", "é", "a.b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
        EXPECT_EQ(refused(Object{{"body", Object{{key, 1}}}}), "/body/" + std::string(key));
    }
    EXPECT_TRUE(write_canonical(Object{{"a1_", 1}, {std::string(32, 'a'), 2}}).has_value());
    EXPECT_EQ(refused(Object{{"list", Array{1, Object{{"B/c", 1}}}}}), "/list/1/B~1c");
}

TEST(WriteCanonical, RefusesTextThatIsNoUtf8) {
    EXPECT_EQ(refused(Object{{"t", Array{"ok", "\xED\xA0\x80"}}}), "/t/1");
}

TEST(WriteCanonical, HoldsItsDepth) {
    Value deep = Array{};  // one level
    for (int level = 2; level <= 16; ++level) {
        deep = Array{deep};
    }
    EXPECT_TRUE(write_canonical(deep).has_value());
    EXPECT_FALSE(write_canonical(Array{deep}).has_value());
}

TEST(ParseCanonical, TakesOnlyTheBytesThatWouldBeWritten) {
    EXPECT_TRUE(parse_canonical(leaf_5).has_value());
    for (const char* text :
         {"{\"b\":1,\"a\":2}", "{ \"a\":1}", "{\"a\":1} ", "{\"a\":1.0}", "{\"a\":1e3}", "{\"a\":-0}",
          "{\"a\":1,\"a\":1}", "{\"a\":\"\\/\"}", "{\"a\":\"\\u000A\"}", "{\"a\":\"\\u000a\"}",
          "{\"a\":\"\\u0041\"}", "{\"a\":\"\\u001F\"}", "{\"a\":9007199254740992}", "{\"A\":1}", "\n{}",
          "{\"a\":100000000000000000000000}"}) {
        EXPECT_FALSE(parse_canonical(text).has_value()) << text;
    }
    EXPECT_TRUE(parse_canonical("{\"a\":\"\\u001f\\n\"}").has_value());
    EXPECT_EQ(parse_canonical("{\"b\":1,\"a\":2}").error().message, "not in canonical form from byte 2 on");
}

TEST(ParseCanonical, AgreesWithTheSharedVectors) {
    const std::filesystem::path path = HEADROOM_SOURCE_DIR "/../shared/specs/audit-log-vectors.json";
    if (!std::filesystem::exists(path)) {
        GTEST_SKIP() << "the shared vectors are not here";
    }
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    const Result<Value> vectors = parse(text.str());
    ASSERT_TRUE(vectors.has_value()) << vectors.error().message;
    const Array& entries = *vectors->at("/log/entries")->as_array();
    ASSERT_EQ(entries.size(), 7U);
    for (const Value& entry : entries) {
        const std::string leaf = entry.text("/canonical_utf8");
        EXPECT_EQ(static_cast<std::int64_t>(leaf.size()), entry.integer("/length"));
        const Result<Value> value = parse_canonical(leaf);
        ASSERT_TRUE(value.has_value()) << value.error().message;
        EXPECT_EQ(*write_canonical(*value), leaf);
        EXPECT_EQ(to_hex(sha256({std::string_view("\0", 1), leaf})), entry.text("/leaf_hash_hex"));
    }
}

}  // namespace
}  // namespace headroom::json
