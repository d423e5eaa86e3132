#include "beckn/signature_profile.hpp"
#include "beckn/signature_verify.hpp"

#include "unit/beckn/beckn_world.hpp"

#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

using test::wall_noon;

Signer signer_of(char letter, std::string subscriber) {
    return {std::move(subscriber), "k1", Ed25519KeyPair::from_secret(std::string(32, letter)).value()};
}

const Signer bpp = signer_of('p', "bpp.example");
const Signer gateway = signer_of('g', "gateway.example");

/// One key for each signer, as a registry would know it.
struct Registry {
    PublishedKey sender{.subscriber = "bpp.example", .key = "k1", .signing = bpp.key.public_key()};
    PublishedKey relay{.subscriber = "gateway.example",
                       .key = "k1",
                       .signing = gateway.key.public_key(),
                       .type = ParticipantType::gateway};
    std::optional<PublishedKey> former = {};
    UtcTime replaced_at{};

    [[nodiscard]] KeyFinder finder() const {
        return [this](const KeyId& id) -> KeyCandidates {
            if (id.subscriber == sender.subscriber) {
                return {&sender, former ? &*former : nullptr, replaced_at};
            }
            return {id.subscriber == relay.subscriber ? &relay : nullptr};
        };
    }
};

constexpr std::string_view signed_body = R"({"context":{},"message":{}})";

SignatureVerdict judge(const Registry& registry, SignatureProfile profile, std::string_view header,
                       UtcTime now = wall_noon) {
    return verify(rules_of(profile), {.authorization = header, .body = signed_body}, registry.finder(), now);
}

TEST(SignatureRules, WhatWeSignInTwoLivesFiveMinutesAtMost) {
    const Registry registry;
    for (const auto& [profile, lasts] : {std::pair{SignatureProfile::beckn006, minutes{60}},
                                         {SignatureProfile::onix18, minutes{5}},
                                         {SignatureProfile::nfh004, minutes{5}}}) {
        const std::string header = sign(rules_of(profile), bpp, wall_noon, minutes{60}, signed_body);
        const SignatureVerdict verdict = judge(registry, profile, header);
        ASSERT_TRUE(verdict.is_good()) << verdict.why;
        EXPECT_EQ(verdict.sender.expires - verdict.sender.created, lasts);
    }
}

TEST(SignatureRules, ASignatureMustNotOutliveItsKey) {
    Registry registry;
    const std::string header =
        sign(rules_of(SignatureProfile::beckn006), bpp, wall_noon, seconds{30}, signed_body);
    registry.sender.valid_until = wall_noon + seconds{30};
    EXPECT_TRUE(judge(registry, SignatureProfile::beckn006, header).is_good());
    registry.sender.valid_until = wall_noon + seconds{29};
    EXPECT_EQ(judge(registry, SignatureProfile::beckn006, header).broken, TrustRule::expires_after_key);
    registry.sender.valid_until = wall_noon - seconds{1};
    EXPECT_EQ(judge(registry, SignatureProfile::beckn006, header).broken, TrustRule::key_not_valid);
    registry.sender.valid_until.reset();
    registry.sender.valid_from = wall_noon + seconds{1};
    EXPECT_EQ(judge(registry, SignatureProfile::beckn006, header).broken, TrustRule::key_not_valid);
}

TEST(SignatureRules, OnlyASubscribedKeyCounts) {
    Registry registry;
    const std::string header =
        sign(rules_of(SignatureProfile::beckn006), bpp, wall_noon, seconds{30}, signed_body);
    for (const SubscriptionStatus status :
         {SubscriptionStatus::initiated, SubscriptionStatus::under_subscription, SubscriptionStatus::expired,
          SubscriptionStatus::unsubscribed, SubscriptionStatus::invalid_ssl}) {
        registry.sender.status = status;
        EXPECT_EQ(judge(registry, SignatureProfile::beckn006, header).broken, TrustRule::key_not_valid);
    }
}

TEST(SignatureRules, AFormerKeyCountsForWhatWasSignedBeforeTheChange) {
    Registry registry;
    registry.former = registry.sender;
    registry.sender.signing = signer_of('n', "").key.public_key();
    registry.replaced_at = wall_noon + seconds{2};
    const SignatureRules rules = rules_of(SignatureProfile::onix18);
    const std::string before = sign(rules, bpp, wall_noon, seconds{30}, signed_body);
    const SignatureVerdict verdict =
        judge(registry, SignatureProfile::onix18, before, wall_noon + seconds{9});
    EXPECT_TRUE(verdict.is_good()) << verdict.why;
    EXPECT_TRUE(verdict.by_former_key);
    const std::string after = sign(rules, bpp, wall_noon + seconds{3}, seconds{30}, signed_body);
    EXPECT_EQ(judge(registry, SignatureProfile::onix18, after, wall_noon + seconds{9}).broken,
              TrustRule::signature);
}

TEST(SignatureRules, AGatewaySignsBesideTheSenderAndIsJudgedFirst) {
    Registry registry;
    const SignatureRules rules = rules_of(SignatureProfile::beckn006);
    const std::string own = sign(rules, bpp, wall_noon, seconds{30}, signed_body);
    const std::string relayed = sign(rules, gateway, wall_noon, seconds{30}, signed_body);
    SignedMessage message{.authorization = own, .body = signed_body, .gateway_authorization = relayed};
    SignatureVerdict verdict = verify(rules, message, registry.finder(), wall_noon);
    ASSERT_TRUE(verdict.is_good()) << verdict.why;
    EXPECT_EQ(verdict.gateway.value().subscriber, "gateway.example");
    EXPECT_EQ(verdict.sender.subscriber, "bpp.example");

    message.gateway_authorization = own;  // its key is no gateway's
    verdict = verify(rules, message, registry.finder(), wall_noon);
    EXPECT_EQ(verdict.broken, TrustRule::gateway_type);
    EXPECT_TRUE(verdict.is_gateway);

    message = {.authorization = {}, .body = signed_body, .gateway_authorization = relayed};
    verdict = verify(rules, message, registry.finder(), wall_noon);
    EXPECT_EQ(verdict.broken, TrustRule::header_missing);  // the gateway does not stand for the sender
    EXPECT_FALSE(verdict.is_gateway);
}

TEST(SignatureRules, ABoundCallbackNeedsItsRequest) {
    const Registry registry;
    const SignatureRules rules = rules_of(SignatureProfile::nfh004);
    const std::string request = sign(rules, gateway, wall_noon, seconds{30}, "{}");
    const std::string bound = sign(rules, bpp, wall_noon, seconds{30}, signed_body, request);
    const std::string free = sign(rules, bpp, wall_noon, seconds{30}, signed_body);
    EXPECT_TRUE(is_bound(bound));
    EXPECT_FALSE(is_bound(free));
    const KeyFinder keys = registry.finder();
    SignedMessage message{.authorization = bound, .body = signed_body};
    EXPECT_EQ(verify(rules, message, keys, wall_noon).broken, TrustRule::request_unknown);
    message.request_authorization = request;
    EXPECT_TRUE(verify(rules, message, keys, wall_noon).is_good());
    // ONIX 1.8 binds by the whole header; its profile reads the signature alone as well, and so does this.
    const std::string by_onix =
        sign(rules_of(SignatureProfile::onix18), bpp, wall_noon, seconds{30}, signed_body, request);
    message.authorization = by_onix;
    EXPECT_EQ(verify(rules, message, keys, wall_noon).binding, RequestBinding::whole_header);
    const std::string other = sign(rules, gateway, wall_noon, seconds{30}, "{ }");
    message.request_authorization = other;
    EXPECT_EQ(verify(rules, message, keys, wall_noon).broken, TrustRule::signature);
    message = {
        .authorization = free, .body = signed_body, .request_authorization = request, .must_be_bound = true};
    EXPECT_EQ(verify(rules, message, keys, wall_noon).broken, TrustRule::request_not_bound);
    // 1.x knows no fourth line.
    EXPECT_EQ(judge(registry, SignatureProfile::beckn006, bound).broken, TrustRule::signed_headers);
}

TEST(SignatureRules, ADigestHeaderMustBeTheBodys) {
    const Registry registry;
    const SignatureRules rules = rules_of(SignatureProfile::beckn006);
    const std::string header = sign(rules, bpp, wall_noon, seconds{30}, signed_body);
    std::string digest = digest_text(DigestLabel::blake_512, signed_body);
    EXPECT_TRUE(verify(rules, {.authorization = header, .body = signed_body, .digest = digest},
                       registry.finder(), wall_noon)
                    .is_good());
    for (std::size_t i = 0; i < digest.size(); ++i) {
        std::string spoilt = digest;
        spoilt[i] = static_cast<char>(spoilt[i] ^ 1);
        EXPECT_EQ(verify(rules, {.authorization = header, .body = signed_body, .digest = spoilt},
                         registry.finder(), wall_noon)
                      .broken,
                  TrustRule::digest_header);
    }
}

TEST(SignatureRules, AnAnswerOfOneXIsNotSigned) {
    EXPECT_EQ(sign_ack(rules_of(SignatureProfile::beckn006), bpp, wall_noon, signed_body, ""), "");
}

TEST(SignatureRules, FaultsOfAHeaderAreToldApart) {
    const Registry registry;
    const std::string good =
        sign(rules_of(SignatureProfile::beckn006), bpp, wall_noon, seconds{30}, signed_body);
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        return judge(registry, SignatureProfile::beckn006, text).broken;
    };
    EXPECT_EQ(judge(registry, SignatureProfile::beckn006, "").broken, TrustRule::header_missing);
    EXPECT_EQ(judge(registry, SignatureProfile::beckn006, "Basic x").broken, TrustRule::header_malformed);
    EXPECT_EQ(with("bpp.example|k1|ed25519", "bpp.example"), TrustRule::key_id_malformed);
    EXPECT_EQ(with("algorithm=\"ed25519\"", "algorithm=\"rsa\""), TrustRule::algorithm);
    EXPECT_EQ(with("|k1|ed25519", "|k1|rsa"), TrustRule::algorithm);
    EXPECT_EQ(with("bpp.example|", "who.example|"), TrustRule::key_unknown);
    EXPECT_EQ(with("(created) (expires) digest", "(created) digest"), TrustRule::signed_headers);
    EXPECT_EQ(with("signature=\"", "signature=\"AAAA"), TrustRule::signature_length);
    const std::string created =
        std::to_string(std::chrono::floor<seconds>(wall_noon.time_since_epoch()).count());
    EXPECT_EQ(with("created=\"" + created, "created=\"0" + created), TrustRule::header_malformed);
    EXPECT_EQ(with("created=\"" + created, "created=\"9" + created), TrustRule::times);
}

}  // namespace
}  // namespace headroom::beckn
