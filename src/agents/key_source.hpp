#pragma once

#include "beckn/key_record.hpp"
#include "beckn/signature_profile.hpp"
#include "core/async.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "net/http_client.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {

/// Where participants' keys come from.
class KeySource {
  public:
    virtual ~KeySource() = default;
    /// The key that `id` names, as published; whether it counts is the caller's to say.
    /// Errors: `not_found` when there is surely none; `unavailable`, `timeout`, `denied` when nobody can say
    /// now; `invalid` for an answer that cannot be read.
    virtual Awaitable<Result<beckn::PublishedKey>> fetch(beckn::KeyId id) = 0;
};

/// Keys that are known beforehand.
[[nodiscard]] std::unique_ptr<KeySource> make_fixed_keys(std::vector<beckn::PublishedKey> keys);
/// A file that holds an array of subscriptions, as POST /lookup answers it; read again when it has changed.
/// Errors: `not_found`, `invalid` when it cannot be read now.
[[nodiscard]] Result<std::unique_ptr<KeySource>> make_key_file(std::filesystem::path path);

struct LookupSettings {
    std::string url;  ///< base: POST {url}/lookup
    std::int64_t deadline_ms = 3'000;
};
/// A registry of 1.x. With a signer the questions are signed.
[[nodiscard]] std::unique_ptr<KeySource> make_lookup_keys(LookupSettings settings, net::HttpClient& http,
                                                          WallClock& wall,
                                                          std::optional<beckn::Signer> signer);

struct DediSettings {
    std::string url;             ///< base: GET {url}/lookup/{subscriber}/{registry}/{key}
    std::string registry = "*";  ///< for key ids that name none
    std::int64_t deadline_ms = 3'000;
};
/// A DeDi registry of 2.0. Only the configured base is ever called, whatever address a key id holds.
[[nodiscard]] std::unique_ptr<KeySource> make_dedi_keys(DediSettings settings, net::HttpClient& http);

}  // namespace headroom::agents
