#include "beckn/doctor.hpp"

#include "beckn/signature_identity.hpp"

#include "unit/beckn/beckn_world.hpp"

#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

using test::wall_noon;

const Signer bap{"headroom.example", "k1", Ed25519KeyPair::from_secret(std::string(32, 'b')).value()};

std::int64_t unix_of(UtcTime time) {
    return std::chrono::floor<seconds>(time.time_since_epoch()).count();
}

std::string search_body() {
    Envelope envelope;
    envelope.context = test::context_of(Action::search);
    envelope.context.bpp_id.clear();
    envelope.context.bpp_uri.clear();
    envelope.message = SearchIntent{
        .feeder = "LV-1", .need_w = {.start = test::evening, .step = period_length, .values = {1000}}};
    return encode(envelope).value();
}

DoctorCase good_case() {
    DoctorCase one;
    one.body = search_body();
    one.rules = rules_of(SignatureProfile::beckn006);
    one.authorization = sign(one.rules, bap, wall_noon, seconds{30}, one.body);
    one.keys = {{.subscriber = bap.subscriber, .key = bap.key_id, .signing = bap.key.public_key()}};
    one.at = wall_noon;
    return one;
}

/// A header over whatever text a mistaken signer takes.
std::string header_over(std::string_view text, const Signer& signer = bap) {
    return "Signature keyId=\"headroom.example|k1|ed25519\",algorithm=\"ed25519\",created=\"" +
           std::to_string(unix_of(wall_noon)) + "\",expires=\"" + std::to_string(unix_of(wall_noon) + 30) +
           R"(",headers="(created) (expires) digest",signature=")" + to_base64(signer.key.sign(text)) + "\"";
}

std::string lines_with(std::string_view digest) {
    return "(created): " + std::to_string(unix_of(wall_noon)) +
           "\n(expires): " + std::to_string(unix_of(wall_noon) + 30) + "\ndigest: " + std::string(digest);
}

/// The last thing that was found about the signature.
std::string named(const DoctorReport& report) {
    std::string what;
    for (const DoctorFinding& finding : report.findings) {
        if (finding.where == "signature") {
            what = finding.what;
        }
    }
    return what;
}

TEST(Doctor, AGoodMessageIsGood) {
    const DoctorReport report = examine(good_case());
    EXPECT_TRUE(report.is_good()) << json::write(report.to_json());
    EXPECT_EQ(report.dialect, "1.1");
    EXPECT_EQ(report.key_id, "headroom.example|k1|ed25519");
    EXPECT_TRUE(report.signing_text.ends_with("\ndigest: " + report.digest));
}

TEST(Doctor, NamesTheMistakeOfASignature) {
    const DoctorCase good = good_case();
    const std::string digest = to_base64(blake2b512(good.body));
    const auto over_body = [](std::string_view body) {
        return lines_with(digest_text(DigestLabel::blake_512, body));
    };
    const json::Value parsed = json::parse(good.body).value();
    const std::vector<std::pair<std::string, std::string>> mistakes{
        {lines_with("BLAKE-512=" + digest) + "\n", "The signed text ends with a newline."},
        {over_body(good.body + "\n"),
         "It was signed over the body with a final newline, which was not sent."},
        {over_body(json::write_pretty(parsed)),
         "It was signed over re-serialised JSON (indented), not over the bytes that were sent."},
        {over_body(""), "It was signed over an empty body."},
        {lines_with(digest), "The digest was signed without a label."},
        {lines_with("BLAKE-512=" + to_hex(blake2b512(good.body))),
         "The digest was signed in hexadecimal, not in Base64."},
        {lines_with("SHA-256=" + to_base64(sha256(good.body))), "The digest is SHA-256, not BLAKE2b-512."},
        {good.body, "The body itself was signed, not the lines with its digest."},
        {"something else", "None of the usual mistakes: another key, or another body."}};
    for (const auto& [text, what] : mistakes) {
        DoctorCase one = good;
        one.authorization = header_over(text);
        const DoctorReport report = examine(one);
        EXPECT_EQ(report.verdict.broken, TrustRule::signature);
        EXPECT_FALSE(report.is_good());
        EXPECT_EQ(named(report), what);
    }
}

TEST(Doctor, NamesReserialisedJsonOfASpacedBody) {
    DoctorCase one = good_case();
    const std::string compact = one.body;
    one.body = json::write_pretty(json::parse(compact).value());
    one.authorization = header_over(lines_with(digest_text(DigestLabel::blake_512, compact)));
    EXPECT_EQ(named(examine(one)),
              "It was signed over re-serialised JSON (compact), not over the bytes that were sent.");
    one.body.pop_back();
    one.authorization = header_over(lines_with(digest_text(DigestLabel::blake_512, one.body + "\r\n")));
    EXPECT_EQ(named(examine(one)),
              "It was signed over the body with a final line break, which was not sent.");
}

TEST(Doctor, NamesAnotherKeyThatIsAtHand) {
    DoctorCase one = good_case();
    const Signer other{"headroom.example", "k2", Ed25519KeyPair::from_secret(std::string(32, 'o')).value()};
    one.authorization = header_over(lines_with(digest_text(DigestLabel::blake_512, one.body)), other);
    one.keys.push_back({.subscriber = "headroom.example", .key = "k2", .signing = other.key.public_key()});
    EXPECT_EQ(named(examine(one)),
              "It was signed by the key headroom.example|k2, which is not the one that the header names.");
}

TEST(Doctor, TellsClocksAndExpiry) {
    DoctorCase one = good_case();
    one.at = wall_noon - seconds{65};
    DoctorReport report = examine(one);
    EXPECT_EQ(report.verdict.broken, TrustRule::created_in_future);
    EXPECT_NE(report.findings[0].remedy.find("65 s ahead"), std::string::npos);
    one.at = wall_noon + seconds{42};
    report = examine(one);
    EXPECT_EQ(report.verdict.broken, TrustRule::expired);
    EXPECT_NE(report.findings[0].remedy.find("expired 12 s before"), std::string::npos);
}

TEST(Doctor, WarnsOfAnotherLabelAndOfExpiryThatIsNotTheTtl) {
    DoctorCase one = good_case();
    SignatureRules rules = one.rules;
    rules.label = DigestLabel::blake2b_512;
    one.authorization = sign(rules, bap, wall_noon, seconds{60}, one.body);
    const DoctorReport report = examine(one);
    EXPECT_TRUE(report.is_good());
    std::string where;
    for (const DoctorFinding& finding : report.findings) {
        where += finding.level == DoctorLevel::warning ? finding.where + " " : "";
    }
    EXPECT_EQ(where, "digest expires ");
}

TEST(Doctor, ThreeLinesUnderAHeaderOfFour) {
    DoctorCase one = good_case();
    one.rules = rules_of(SignatureProfile::nfh004);
    one.request_authorization = sign(one.rules, bap, wall_noon, seconds{30}, "{}");
    one.authorization = header_over(lines_with(digest_text(DigestLabel::blake_512, one.body)));
    const std::string_view three = "(created) (expires) digest";
    one.authorization.replace(one.authorization.find(three), three.size(), signed_headers_four);
    EXPECT_EQ(named(examine(one)), "Three lines were signed, but the header names four.");
}

TEST(Doctor, FaultsOfTheMessageHaveTheirPointers) {
    DoctorCase one = good_case();
    const std::string from = R"("version":"1.1.0")";
    one.body.replace(one.body.find(from), from.size(), R"("version":"7")");
    one.authorization = sign(one.rules, bap, wall_noon, seconds{30}, one.body);
    const DoctorReport report = examine(one);
    EXPECT_TRUE(report.verdict.is_good());
    EXPECT_FALSE(report.is_good());
    EXPECT_EQ(report.findings.back().where, "/context/version");
}

TEST(Doctor, TheKeyMustBeTheContextsSender) {
    DoctorCase one = good_case();
    const std::string from = R"("bap_id":"headroom.example")";
    one.body.replace(one.body.find(from), from.size(), R"("bap_id":"somebody.example")");
    one.authorization = sign(one.rules, bap, wall_noon, seconds{30}, one.body);
    const DoctorReport report = examine(one);
    EXPECT_FALSE(report.is_good());
    EXPECT_EQ(report.findings.back().where, "identity");
}

TEST(SignatureIdentity, CallbacksAreTheProvidersAndRequestsTheBuyers) {
    Context context = test::context_of(Action::confirm);
    EXPECT_EQ(check_identity(context, "headroom.example"), std::nullopt);
    EXPECT_NE(check_identity(context, "tesla-vpp.example"), std::nullopt);
    context.action = Action::on_confirm;
    EXPECT_EQ(check_identity(context, "tesla-vpp.example"), std::nullopt);
    EXPECT_NE(check_identity(context, "headroom.example"), std::nullopt);
    context.action = Action::catalog_publish;
    EXPECT_EQ(sender_of(context), "tesla-vpp.example");
    context.action = Action::on_search;
    context.bpp_id.clear();
    const std::vector<std::string> services{"discovery.example"};
    EXPECT_NE(check_identity(context, "discovery.example"), std::nullopt);
    EXPECT_EQ(check_identity(context, "discovery.example", services), std::nullopt);
    context.action = Action::on_confirm;
    EXPECT_NE(check_identity(context, "discovery.example", services), std::nullopt);
}

TEST(SignatureIdentity, EveryRefusalReadsTheSame) {
    SignatureVerdict verdict;
    verdict.broken = TrustRule::expired;
    const SignatureRefusal first = refusal_of(verdict, "headroom.example");
    verdict.broken = TrustRule::key_unknown;
    const SignatureRefusal second = refusal_of(verdict, "headroom.example");
    EXPECT_EQ(first.header_name, "WWW-Authenticate");
    EXPECT_EQ(first.header_value, second.header_value);
    EXPECT_EQ(first.error, second.error);
    verdict.is_gateway = true;
    EXPECT_EQ(refusal_of(verdict, "headroom.example").header_name, "Proxy-Authenticate");
}

}  // namespace
}  // namespace headroom::beckn
