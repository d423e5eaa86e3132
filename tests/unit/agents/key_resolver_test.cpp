#include "agents/key_resolver.hpp"

#include "beckn/registry_message.hpp"
#include "net/http_server.hpp"
#include "unit/agents/instants.hpp"
#include "unit/agents/signers.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include <cstdlib>
#include <fstream>
#include <functional>

namespace headroom::agents {
namespace {

using beckn::KeyId;
using beckn::PublishedKey;
using beckn::SignatureProfile;
using beckn::SignatureVerdict;
using beckn::Signer;
using beckn::TrustRule;
using test::noon;
using test::signer_of;

constexpr std::string_view empty_message = R"({"context":{},"message":{}})";

PublishedKey key_of(const Signer& signer) {
    return {.subscriber = signer.subscriber, .key = signer.key_id, .signing = signer.key.public_key()};
}

/// Registries on loopback that answer what a test puts on their tables, and count who asks.
class KeyResolverTest : public ::testing::Test {
  protected:
    KeyResolverTest() : wall_(noon), server_(context_) {
        net::ClientSettings settings;
        settings.allow_private = {"127.0.0.1:*"};
        http_ = std::make_unique<net::HttpClient>(context_.get_executor(), std::move(settings));
        server_.route("POST", "/reg/lookup", [this](net::Request request) -> Awaitable<net::Response> {
            ++asked_;
            last_authorization_ = std::string(request.headers.get("Authorization"));
            if (status_ != 200) {
                co_return net::text_response(status_, "away");
            }
            const json::Value question = json::parse(request.body).value();
            json::Array found;
            for (const PublishedKey& key : table_) {
                if (key.subscriber == question.text("/subscriber_id") &&
                    key.key == question.text("/key_id")) {
                    found.push_back(beckn::to_json(key));
                }
            }
            co_return net::json_response(200, found);
        });
        server_.route("GET", "/dedi/lookup/{ns}/{registry}/{record}",
                      [this](net::Request request) -> Awaitable<net::Response> {
                          ++asked_;
                          last_path_ = request.path;
                          for (const PublishedKey& key : table_) {
                              if (key.key == request.path_parameter("record")) {
                                  const json::Array networks(key.networks.begin(), key.networks.end());
                                  const json::Object data{{"details", beckn::to_json(key)},
                                                          {"network_memberships", networks}};
                                  co_return net::json_response(200, json::Object{{"data", data}});
                              }
                          }
                          co_return net::text_response(404, "no record");
                      });
        EXPECT_TRUE(server_.listen("127.0.0.1", 0).has_value());
    }

    [[nodiscard]] std::string base(const std::string& path) const {
        return "http://127.0.0.1:" + std::to_string(server_.port()) + path;
    }

    std::unique_ptr<KeyResolver> resolver_of(std::unique_ptr<KeySource> source,
                                             KeyResolverOptions options = {}) {
        std::vector<std::unique_ptr<KeySource>> sources;
        sources.push_back(std::move(source));
        return std::make_unique<KeyResolver>(wall_, std::move(sources), std::move(options));
    }
    std::unique_ptr<KeyResolver> lookup_resolver(KeyResolverOptions options = {}) {
        return resolver_of(
            make_lookup_keys({.url = base("/reg")}, *http_, wall_, signer_of('h', "headroom.example")),
            std::move(options));
    }
    std::unique_ptr<KeyResolver> dedi_resolver(KeyResolverOptions options = {}) {
        return resolver_of(make_dedi_keys({.url = base("/dedi")}, *http_), std::move(options));
    }

    template <class T>
    T wait(Awaitable<T> work) {
        std::optional<T> value;
        spawn(context_.get_executor(), keep(std::move(work), value));
        const SteadyTime deadline = steady_now() + std::chrono::seconds{20};
        while (!value && steady_now() < deadline) {
            context_.restart();
            context_.run_for(std::chrono::milliseconds{5});
        }
        HEADROOM_ASSERT(value.has_value());
        return std::move(*value);
    }

    SignatureVerdict verify(KeyResolver& resolver, const std::string& header,
                            SignatureProfile profile = SignatureProfile::onix18, std::string network = {}) {
        return wait(resolver.verify(beckn::rules_of(profile),
                                    {.authorization = header, .body = empty_message}, std::move(network)));
    }

    std::string signed_by(const Signer& signer) {
        return beckn::sign(beckn::rules_of(SignatureProfile::onix18), signer, wall_.now(), seconds{30},
                           empty_message);
    }

    asio::io_context context_;
    ManualWallClock wall_;
    net::HttpServer server_;
    std::unique_ptr<net::HttpClient> http_;
    std::vector<PublishedKey> table_;
    int status_ = 200;
    int asked_ = 0;
    std::string last_authorization_;
    std::string last_path_;

  private:
    template <class T>
    static Awaitable<void> keep(Awaitable<T> work, std::optional<T>& value) {
        value.emplace(co_await std::move(work));
    }
};

TEST_F(KeyResolverTest, AsksTheRegistryOnceAndKeepsTheKey) {
    const Signer bpp = signer_of('p');
    table_ = {key_of(bpp)};
    const auto resolver = lookup_resolver();
    const std::string header = signed_by(bpp);
    const auto rules = beckn::rules_of(SignatureProfile::onix18);
    EXPECT_FALSE(resolver->verify_now(rules, {.authorization = header, .body = empty_message}).has_value());
    for (int i = 0; i < 3; ++i) {
        const SignatureVerdict verdict = verify(*resolver, header);
        EXPECT_TRUE(verdict.is_good()) << verdict.why;
    }
    EXPECT_EQ(asked_, 1);
    EXPECT_TRUE(
        resolver->verify_now(rules, {.authorization = header, .body = empty_message}).value().is_good());
    // The question itself is signed.
    EXPECT_TRUE(last_authorization_.starts_with("Signature keyId=\"headroom.example|k1|ed25519\""));
}

TEST_F(KeyResolverTest, AnUnknownKeyIsAskedForOnceAMinute) {
    const auto resolver = lookup_resolver();
    const std::string header = signed_by(signer_of('p'));
    EXPECT_EQ(verify(*resolver, header).broken, TrustRule::key_unknown);
    EXPECT_EQ(verify(*resolver, header).broken, TrustRule::key_unknown);
    EXPECT_EQ(asked_, 1);
    wall_.set(noon + minutes{1});
    table_ = {key_of(signer_of('p'))};
    EXPECT_TRUE(verify(*resolver, signed_by(signer_of('p'))).is_good());
    EXPECT_EQ(asked_, 2);
}

TEST_F(KeyResolverTest, AFailedSignatureFetchesTheKeyAgainAndRotationOverlaps) {
    const Signer before = signer_of('p');
    const Signer after = signer_of('q');
    table_ = {key_of(before)};
    const auto resolver = lookup_resolver();
    ASSERT_TRUE(verify(*resolver, signed_by(before)).is_good());
    wall_.set(noon + seconds{20});
    const std::string in_flight = signed_by(before);
    table_ = {key_of(after)};  // the peer rotates under the same id
    wall_.set(noon + seconds{21});
    const SignatureVerdict rotated = verify(*resolver, signed_by(after));
    EXPECT_TRUE(rotated.is_good()) << rotated.why;
    EXPECT_EQ(asked_, 2);
    const SignatureVerdict old = verify(*resolver, in_flight);
    EXPECT_TRUE(old.is_good()) << old.why;
    EXPECT_TRUE(old.by_former_key);
    wall_.set(noon + seconds{40});
    EXPECT_EQ(verify(*resolver, signed_by(before)).broken, TrustRule::signature);
    EXPECT_EQ(asked_, 3);
    EXPECT_EQ(verify(*resolver, signed_by(before)).broken, TrustRule::signature);
    EXPECT_EQ(asked_, 3);  // who forges makes us ask no more often than every ten seconds
}

TEST_F(KeyResolverTest, ARegistryThatIsAwayTakesNoKnownKeyAndLeavesNoNegativeEntry) {
    const Signer bpp = signer_of('p');
    table_ = {key_of(bpp)};
    const auto resolver = lookup_resolver();
    ASSERT_TRUE(verify(*resolver, signed_by(bpp)).is_good());
    status_ = 503;
    wall_.set(noon + hours{2});
    EXPECT_TRUE(verify(*resolver, signed_by(bpp)).is_good());
    EXPECT_EQ(asked_, 2);
    const Signer other = signer_of('o', "other.example");
    EXPECT_EQ(verify(*resolver, signed_by(other)).broken, TrustRule::key_unknown);
    status_ = 200;
    table_.push_back(key_of(other));
    EXPECT_TRUE(verify(*resolver, signed_by(other)).is_good());
}

TEST_F(KeyResolverTest, ManyWhoWantOneKeyAskOnce) {
    table_ = {key_of(signer_of('p'))};
    const auto resolver = lookup_resolver();
    std::size_t found = 0;
    struct Asking {
        static Awaitable<void> one(KeyResolver& resolver, std::size_t& found) {
            KeyId id{"bpp.example", "k1", "ed25519"};
            const Result<PublishedKey> key = co_await resolver.find(std::move(id));
            found += key.has_value() ? 1 : 0;
        }
    };
    for (int i = 0; i < 10; ++i) {
        spawn(context_.get_executor(), Asking::one(*resolver, found));
    }
    const SteadyTime deadline = steady_now() + std::chrono::seconds{20};
    while (found < 10 && steady_now() < deadline) {
        context_.restart();
        context_.run_for(std::chrono::milliseconds{5});
    }
    EXPECT_EQ(found, 10U);
    EXPECT_EQ(asked_, 1);
}

TEST_F(KeyResolverTest, StrangersCannotMakeUsFloodTheRegistry) {
    const auto resolver = lookup_resolver({.per_minute_max = 3});
    for (int i = 0; i < 8; ++i) {
        const std::string name = "s" + std::to_string(i) + ".example";
        EXPECT_EQ(verify(*resolver, signed_by(signer_of('p', name))).broken, TrustRule::key_unknown);
    }
    EXPECT_EQ(asked_, 3);
    wall_.set(noon + minutes{1});
    EXPECT_EQ(verify(*resolver, signed_by(signer_of('p', "late.example"))).broken, TrustRule::key_unknown);
    EXPECT_EQ(asked_, 4);
}

TEST_F(KeyResolverTest, DediRecordsCountInAllowedNetworksOnly) {
    const Signer bpp = signer_of('p');
    PublishedKey key = key_of(bpp);
    key.networks = {"nfh.global/testnet-deg"};
    table_ = {key};
    const auto ours = dedi_resolver({.networks = {"nfh.global/testnet-deg"}});
    EXPECT_TRUE(verify(*ours, signed_by(bpp)).is_good());
    EXPECT_EQ(last_path_, "/dedi/lookup/bpp.example/*/k1");
    EXPECT_TRUE(verify(*ours, signed_by(bpp), SignatureProfile::onix18, "nfh.global/testnet-deg").is_good());
    EXPECT_EQ(verify(*ours, signed_by(bpp), SignatureProfile::onix18, "nfh.global/prod").broken,
              TrustRule::network);
    const auto other = dedi_resolver({.networks = {"nfh.global/prod"}});
    EXPECT_EQ(verify(*other, signed_by(bpp)).broken, TrustRule::network);
}

TEST_F(KeyResolverTest, AnAddressInAKeyIdIsNeverCalled) {
    const Signer bpp = signer_of('p');
    table_ = {key_of(bpp)};
    std::string header = signed_by(bpp);
    const std::string_view plain = "bpp.example|k1|ed25519";
    // Nothing listens there; were it asked, the key would not be found.
    header.replace(header.find(plain), plain.size(),
                   "http://127.0.0.1:1/dedi/lookup/example.ns/flex.example/k1|ed25519");
    const auto resolver = dedi_resolver();
    const SignatureVerdict verdict = verify(*resolver, header, SignatureProfile::nfh004);
    EXPECT_TRUE(verdict.is_good()) << verdict.why;
    EXPECT_EQ(verdict.sender.subscriber, "bpp.example");  // as the record says, not the namespace
    EXPECT_EQ(last_path_, "/dedi/lookup/example.ns/flex.example/k1");
}

TEST_F(KeyResolverTest, FoundParticipantsMayBeCalledAndNobodyElse) {
    PublishedKey key = key_of(signer_of('p'));
    key.url = "https://bpp.example/beckn";
    const auto resolver = resolver_of(make_fixed_keys({key}));
    EXPECT_FALSE(resolver->hosts().check("https://bpp.example/beckn/select").has_value());
    ASSERT_TRUE(verify(*resolver, signed_by(signer_of('p'))).is_good());
    EXPECT_TRUE(resolver->hosts().check("https://bpp.example/beckn/select").has_value());
    EXPECT_FALSE(resolver->hosts().check("https://elsewhere.example/beckn/select").has_value());
}

TEST_F(KeyResolverTest, AFileOfKeysIsReadAgainWhenItChanges) {
    std::string folder = (std::filesystem::temp_directory_path() / "headroom-keys-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const std::filesystem::path path = std::filesystem::path(folder) / "keys.json";
    EXPECT_EQ(make_key_file(path).error().code, Errc::not_found);
    const auto write = [&path](const PublishedKey& key, std::chrono::seconds age) {
        std::ofstream(path) << json::write(json::Array{beckn::to_json(key)});
        std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() - age);
    };
    write(key_of(signer_of('p')), std::chrono::seconds{60});
    auto file = make_key_file(path);
    ASSERT_TRUE(file.has_value()) << file.error().message;
    const auto resolver = resolver_of(std::move(*file));
    ASSERT_TRUE(verify(*resolver, signed_by(signer_of('p'))).is_good());
    write(key_of(signer_of('q')), std::chrono::seconds{0});
    wall_.set(noon + seconds{30});
    EXPECT_TRUE(verify(*resolver, signed_by(signer_of('q'))).is_good());
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace headroom::agents
