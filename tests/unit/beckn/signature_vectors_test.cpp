#include "beckn/signature_header.hpp"
#include "beckn/signature_profile.hpp"
#include "beckn/signature_verify.hpp"
#include "core/json.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace headroom::beckn {
namespace {

/// tests/unit/beckn/signature_vectors.json: made by another implementation.
struct Vectors {
    std::vector<PublishedKey> keys;
    std::map<std::string, Signer> signers;
    json::Array all;
};

const Vectors& vectors() {
    static const Vectors loaded = [] {
        std::ifstream file(std::string(HEADROOM_SOURCE_DIR) + "/tests/unit/beckn/signature_vectors.json");
        const std::string text((std::istreambuf_iterator<char>(file)), {});
        const json::Value parsed = json::parse(text).value();
        Vectors read;
        for (const json::Value& key : *parsed.get("keys")->as_array()) {
            const std::string subscriber = key.text("/subscriber_id");
            read.keys.push_back({.subscriber = subscriber,
                                 .key = key.text("/key_id"),
                                 .signing = parse_ed25519_key(key.text("/public_key")).value(),
                                 .type = parse_participant_type(key.text("/type"))});
            read.signers.emplace(subscriber, Signer{subscriber, key.text("/key_id"),
                                                    parse_ed25519_secret(key.text("/seed")).value()});
        }
        read.all = *parsed.get("vectors")->as_array();
        return read;
    }();
    return loaded;
}

KeyCandidates find_key(const KeyId& id) {
    for (const PublishedKey& key : vectors().keys) {
        const bool is_registry = id.form == KeyIdForm::parts || id.registry == "flex.example";
        if (is_registry && key.subscriber == id.subscriber && key.key == id.key) {
            return {.current = &key};
        }
    }
    return {};
}

SignatureRules rules_for(const json::Value& vector) {
    SignatureRules rules = rules_of(parse_signature_profile(vector.text("/profile")).value());
    if (vector.text("/label") == "BLAKE2b-512") {
        rules.label = DigestLabel::blake2b_512;
    }
    rules.registry = vector.text("/registry");
    return rules;
}

/// What a verifier is given; a test may spoil parts of it.
struct Wire {
    std::string header;
    std::string body;
    std::string gateway;
    std::string request;
    UtcTime now{};
};

Wire wire_of(const json::Value& vector) {
    return {vector.text("/header"), vector.text("/body"), vector.text("/gateway"), vector.text("/request"),
            UtcTime{seconds{vector.integer("/created")}}};
}

SignatureVerdict judge_vector(const json::Value& vector, const Wire& wire) {
    const SignatureRules rules = rules_for(vector);
    if (vector.text("/kind") == "ack") {
        return verify_ack(rules, wire.header, wire.body, wire.request, find_key, wire.now);
    }
    return verify(rules,
                  {.authorization = wire.header,
                   .body = wire.body,
                   .gateway_authorization = wire.gateway,
                   .request_authorization = wire.request},
                  find_key, wire.now);
}

TEST(SignatureVectors, AllVerifyAsTheyWereMade) {
    EXPECT_EQ(vectors().all.size(), 12U);
    for (const json::Value& vector : vectors().all) {
        const SignatureVerdict verdict = judge_vector(vector, wire_of(vector));
        EXPECT_TRUE(verdict.is_good()) << vector.text("/name") << ": " << verdict.why;
        EXPECT_EQ(verdict.sender.subscriber, vector.text("/signer"));
        EXPECT_EQ(to_string(verdict.binding), vector.text("/binding", "none")) << vector.text("/name");
        EXPECT_EQ(to_string(verdict.label), vector.text("/label", "BLAKE-512"));
        EXPECT_EQ(verdict.gateway.has_value(), !vector.text("/gateway").empty());
    }
}

TEST(SignatureVectors, WeWriteTheSameBytes) {
    for (const json::Value& vector : vectors().all) {
        SignatureRules rules = rules_for(vector);
        const Signer& signer = vectors().signers.at(vector.text("/signer"));
        const std::string header = vector.text("/header");
        const std::string body = vector.text("/body");
        const UtcTime created{seconds{vector.integer("/created")}};
        const seconds lasts{vector.integer("/expires") - vector.integer("/created")};
        if (vector.text("/kind") == "ack") {
            rules.ack = header.starts_with("Signature ") ? AckSignature::with_scheme : AckSignature::bare;
            EXPECT_EQ(sign_ack(rules, signer, created, body, vector.text("/request")), header);
        } else {
            EXPECT_EQ(sign(rules, signer, created, lasts, body, vector.text("/request")), header);
        }
        if (!vector.text("/gateway").empty()) {
            EXPECT_EQ(sign(rules, vectors().signers.at("gateway.example"), created, lasts, body),
                      vector.text("/gateway"));
        }
    }
}

TEST(SignatureVectors, AFlippedBitAnywhereInTheBodyIsRefused) {
    for (const json::Value& vector : vectors().all) {
        const Wire good = wire_of(vector);
        for (std::size_t bit = 0; bit < good.body.size() * 8;
             bit += 9) {  // in each byte, another in the next
            Wire spoilt = good;
            spoilt.body[bit / 8] = static_cast<char>(spoilt.body[bit / 8] ^ (1 << (bit % 8)));
            ASSERT_EQ(judge_vector(vector, spoilt).broken, TrustRule::signature)
                << vector.text("/name") << " bit " << bit;
        }
    }
}

/// Every bit of the header's values: key id, algorithm, times, list of headers, signature.
TEST(SignatureVectors, AFlippedBitAnywhereInTheHeaderIsRefused) {
    for (const json::Value& vector : vectors().all) {
        const Wire good = wire_of(vector);
        for (std::size_t bit = 0; bit < good.header.size() * 8; bit += 3) {
            Wire spoilt = good;
            char& c = spoilt.header[bit / 8];
            c = static_cast<char>(c ^ (1 << (bit % 8)));
            const SignatureVerdict verdict = judge_vector(vector, spoilt);
            ASSERT_FALSE(verdict.is_good()) << vector.text("/name") << ": " << spoilt.header;
        }
    }
}

TEST(SignatureVectors, AFlippedBitInTheRequestOrTheGatewayIsRefused) {
    for (const json::Value& vector : vectors().all) {
        const Wire good = wire_of(vector);
        for (std::string Wire::*part : {&Wire::request, &Wire::gateway}) {
            if ((good.*part).empty() || (part == &Wire::request && vector.text("/binding").empty())) {
                continue;
            }
            for (std::size_t i = 0; i < (good.*part).size(); ++i) {
                Wire spoilt = good;
                (spoilt.*part)[i] = static_cast<char>((spoilt.*part)[i] ^ 1);
                const bool is_other_signature = part == &Wire::gateway ||
                                                vector.text("/binding") == "whole-header" ||
                                                raw_signature(spoilt.request) != raw_signature(good.request);
                ASSERT_EQ(judge_vector(vector, spoilt).is_good(), !is_other_signature)
                    << vector.text("/name") << " at " << i;
            }
        }
    }
}

TEST(SignatureVectors, AnotherOrderOfHeadersIsRefused) {
    for (const json::Value& vector : vectors().all) {
        Wire spoilt = wire_of(vector);
        const std::size_t at = spoilt.header.find("(created) (expires)");
        spoilt.header.replace(at, 19, "(expires) (created)");
        EXPECT_EQ(judge_vector(vector, spoilt).broken, TrustRule::signed_headers);
    }
}

TEST(SignatureVectors, TimesAreKept) {
    for (const json::Value& vector : vectors().all) {
        Wire wire = wire_of(vector);
        wire.now = UtcTime{seconds{vector.integer("/created") - 5}};
        EXPECT_TRUE(judge_vector(vector, wire).is_good());
        wire.now -= milliseconds{1};
        EXPECT_EQ(judge_vector(vector, wire).broken, TrustRule::created_in_future);
        wire.now = UtcTime{seconds{vector.integer("/expires")}};
        EXPECT_TRUE(judge_vector(vector, wire).is_good());
        wire.now = UtcTime{seconds{vector.integer("/expires")}} + milliseconds{1};
        EXPECT_EQ(judge_vector(vector, wire).broken, TrustRule::expired);
    }
}

}  // namespace
}  // namespace headroom::beckn
