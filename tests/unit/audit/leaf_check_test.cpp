#include "audit/leaf_check.hpp"

#include "core/json.hpp"
#include "unit/audit/support.hpp"

namespace headroom::audit {
namespace {

std::string leaf_with_body(std::string_view body) {
    return R"({"actor":{"id":"core","kind":"system"},"body":)" + std::string(body) +
           R"(,"outcome":"ok","seq":5,"ts":"2026-11-20T16:50:00.000Z","type":"clock.tick","v":1})";
}

std::string nested(int depth) {
    std::string text = R"({"a":)";
    for (int i = 0; i < depth; ++i) {
        text += '[';
    }
    text += '1';
    for (int i = 0; i < depth; ++i) {
        text += ']';
    }
    return text + "}";
}

TEST(CheckLeaf, SeesWhatTheLogNeeds) {
    const Result<LeafView> view = check_leaf(vectors::leaves[5]);
    ASSERT_TRUE(view.has_value()) << view.error().message;
    EXPECT_EQ(view->seq, 5U);
    EXPECT_EQ(view->type, "dispatch.order.ack");
    EXPECT_EQ(view->corr, "ev-20261120-01");
    EXPECT_EQ(view->caus, "");
    EXPECT_EQ(view->outcome, "ok");
    EXPECT_EQ(view->ts, testing::at("2026-11-20T16:55:00.005Z"));
    for (const std::string_view leaf : vectors::leaves) {
        EXPECT_TRUE(check_leaf(leaf).has_value());
    }
}

TEST(CheckLeaf, AgreesWithTheJsonLibraryOnBodies) {
    const std::vector<std::string> good{"{}",
                                        R"({"a":null,"b":true,"c":false,"d":[],"e":{},"f":[1,-2,[3]]})",
                                        R"({"a":9007199254740991})",
                                        R"({"a":"\b\t\n\f\r\"\\\u0000\u001f/"})",
                                        "{\"a\":\"\x7f\xC2\x80\xE2\x82\xAC\xF0\x9F\x98\x80\"}",
                                        R"({"a":0,"a1":1,"a_":2})",
                                        nested(14),
                                        R"({"abcdefghijklmnopqrstuvwxyz012345":1})"};
    for (const std::string& body : good) {
        EXPECT_TRUE(check_leaf(leaf_with_body(body)).has_value())
            << check_leaf(leaf_with_body(body)).error().message;
        EXPECT_TRUE(json::parse_canonical(leaf_with_body(body)).has_value()) << body;
    }
    const std::vector<std::string> bad{R"({"a":1.0})",
                                       R"({"a":1e3})",
                                       R"({"a":-0})",
                                       R"({"a":1,"a":2})",
                                       R"({"b":1,"a":2})",
                                       R"({"a":"\/"})",
                                       R"({"a":"\u000A"})",
                                       R"({"a":"\u000a"})",
                                       R"({"a":"\u0041"})",
                                       R"({"a":"\u001F"})",
                                       R"({"a": 1})",
                                       R"({"A":1})",
                                       R"({"":1})",
                                       R"({"a":01})",
                                       R"({"a":+1})",
                                       R"({"a":9007199254740992})",
                                       R"({"a":-9007199254740992})",
                                       R"({"a":99999999999999999999999})",
                                       R"({"a":1,})",
                                       R"({"a":[1,]})",
                                       R"({"a":[1 ]})",
                                       R"({"a":tru})",
                                       R"({"a":})",
                                       R"({"a")",
                                       R"({"a":"x)",
                                       nested(15),
                                       "{\"a\":\"\n\"}",
                                       "{\"a\":\"\xC0\x80\"}",
                                       "{\"a\":\"\xED\xA0\x80\"}",
                                       "{\"a\":\"\xF4\x90\x80\x80\"}",
                                       "{\"a\":\"\xE2\x82\"}",
                                       "{\"a\":\"\x80\"}",
                                       R"({"abcdefghijklmnopqrstuvwxyz0123456":1})",
                                       R"({"a":"\ud800"})",
                                       R"({1:2})",
                                       R"({"1a":2})",
                                       "[]",
                                       "1"};
    for (const std::string& body : bad) {
        EXPECT_FALSE(check_leaf(leaf_with_body(body)).has_value()) << body;
    }
    for (const std::string& body : bad) {
        if (body != "[]" && body != "1") {  // canonical JSON, but no body
            EXPECT_FALSE(json::parse_canonical(leaf_with_body(body)).has_value()) << body;
        }
    }
}

std::string changed(std::string_view from, std::string_view to) {
    std::string leaf = leaf_with_body("{}");
    const std::size_t found = leaf.find(from);
    EXPECT_NE(found, std::string::npos) << from;
    return leaf.replace(found, from.size(), to);
}

TEST(CheckLeaf, RefusesWrongCommonMembers) {
    EXPECT_TRUE(check_leaf(changed("{}", "{}")).has_value());
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
             {R"("v":1)", R"("v":2)"},
             {R"(,"v":1)", ""},
             {R"("v":1)", R"("v":1,"w":1)"},
             {R"("seq":5)", R"("seq":-5)"},
             {R"("seq":5)", R"("seq":"5")"},
             {R"("outcome":"ok")", R"("outcome":"fine")"},
             {R"("outcome":"ok",)", ""},
             {R"("kind":"system")", R"("kind":"robot")"},
             {R"("id":"core",)", ""},
             {R"("id":"core")", R"("id":"")"},
             {R"("id":"core")", R"("hat":1,"id":"core")"},
             {R"("type":"clock.tick")", R"("type":"")"},
             {R"("outcome":"ok")", R"("corr":"","outcome":"ok")"},
             {".000Z", "Z"},
             {".000Z", ".000z"},
             {".000Z", ".000+00:00"},
             {"2026-11-20T", "2026-11-31T"},
             {"16:50:00", "24:00:00"},
             {"16:50:00", "16:50:60"},
             {R"("v":1})", R"("v":1} )"},
             {R"("v":1})", R"("v":1)"},
         }) {
        EXPECT_FALSE(check_leaf(changed(from, to)).has_value()) << from << " -> " << to;
    }
    EXPECT_FALSE(check_leaf("").has_value());
    EXPECT_FALSE(check_leaf(std::string("\xEF\xBB\xBF") + leaf_with_body("{}")).has_value());
    EXPECT_FALSE(check_leaf(leaf_with_body("{\"a\":\"" + std::string(65535, 'x') + "\"}")).has_value());
}

TEST(CheckLeaf, NamesTheByte) {
    const std::string leaf = leaf_with_body(R"({"a":1.0})");
    const std::size_t dot = leaf.find(".0}");
    EXPECT_NE(check_leaf(leaf).error().message.find("at byte " + std::to_string(dot)), std::string::npos)
        << check_leaf(leaf).error().message;
}

TEST(CheckLeaf, TakesTypesThatAreNotKnownHere) {
    EXPECT_TRUE(check_leaf(changed("clock.tick", "made.later")).has_value());
}

}  // namespace
}  // namespace headroom::audit
