#include "agents/key_source.hpp"

#include "beckn/registry_message.hpp"

#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace headroom::agents {
namespace {

using beckn::KeyId;
using beckn::PublishedKey;

Error no_key(const KeyId& id) {
    return Error{Errc::not_found, "no source knows the key " + id.subscriber + "|" + id.key, ""};
}

/// What an HTTP answer other than 200 says of the key.
Error refused(std::string_view who, int status, const KeyId& id) {
    if (status == 404) {
        return no_key(id);
    }
    return Error{Errc::unavailable, std::string(who) + " answered " + std::to_string(status), ""};
}

class FixedKeys final : public KeySource {
  public:
    explicit FixedKeys(std::vector<PublishedKey> keys) : keys_(std::move(keys)) {}
    Awaitable<Result<PublishedKey>> fetch(KeyId id) override { co_return beckn::pick_key(keys_, id); }

  private:
    std::vector<PublishedKey> keys_;
};

class KeyFile final : public KeySource {
  public:
    explicit KeyFile(std::filesystem::path path) : path_(std::move(path)) {}

    Result<void> load() {
        std::error_code fault;
        const std::filesystem::file_time_type written = std::filesystem::last_write_time(path_, fault);
        if (fault) {
            return Error{Errc::not_found,
                         "the file of keys " + path_.string() + " cannot be read: " + fault.message(), ""};
        }
        if (written == written_) {
            return {};
        }
        std::ifstream file(path_, std::ios::binary);
        std::string text(beckn::registry_answer_max + 1, '\0');
        file.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(file.gcount()));
        Result<std::vector<PublishedKey>> read = beckn::read_subscriptions(text);
        if (!read) {
            return Error{Errc::invalid, "the file of keys " + path_.string() + ": " + read.error().message,
                         read.error().pointer};
        }
        keys_ = std::move(*read);
        written_ = written;
        return {};
    }

    Awaitable<Result<PublishedKey>> fetch(KeyId id) override {
        if (const Result<void> loaded = load(); !loaded) {
            co_return Error{Errc::unavailable, loaded.error().message, loaded.error().pointer};
        }
        co_return beckn::pick_key(keys_, id);
    }

  private:
    std::filesystem::path path_;
    std::filesystem::file_time_type written_{};
    std::vector<PublishedKey> keys_;
};

class LookupKeys final : public KeySource {
  public:
    LookupKeys(LookupSettings settings, net::HttpClient& http, WallClock& wall,
               std::optional<beckn::Signer> signer)
        : settings_(std::move(settings)), http_(http), wall_(wall), signer_(std::move(signer)) {}

    Awaitable<Result<PublishedKey>> fetch(KeyId id) override {
        net::ClientRequest request;
        request.method = "POST";
        request.url = settings_.url + "/lookup";
        request.headers.add("Content-Type", "application/json");
        request.body = beckn::lookup_request(id);
        request.deadline_ms = settings_.deadline_ms;
        request.max_response_bytes = beckn::registry_answer_max;
        if (signer_) {
            request.headers.add("Authorization",
                                beckn::sign(beckn::rules_of(beckn::SignatureProfile::beckn006), *signer_,
                                            wall_.now(), milliseconds{settings_.deadline_ms}, request.body));
        }
        const Result<net::ClientResponse> answer = co_await http_.send(std::move(request));
        if (!answer) {
            co_return answer.error();
        }
        if (answer->status != 200) {
            co_return refused("the registry", answer->status, id);
        }
        const Result<std::vector<PublishedKey>> found = beckn::read_subscriptions(answer->body);
        if (!found) {
            co_return found.error();
        }
        co_return beckn::pick_key(*found, id);
    }

  private:
    LookupSettings settings_;
    net::HttpClient& http_;
    WallClock& wall_;
    std::optional<beckn::Signer> signer_;
};

class DediKeys final : public KeySource {
  public:
    DediKeys(DediSettings settings, net::HttpClient& http) : settings_(std::move(settings)), http_(http) {}

    Awaitable<Result<PublishedKey>> fetch(KeyId id) override {
        if (id.key.empty()) {
            co_return no_key(id);  // a record is asked for by its name
        }
        net::ClientRequest request;
        request.url = settings_.url + beckn::dedi_path(id, settings_.registry);
        request.headers.add("Accept", "application/json");
        request.deadline_ms = settings_.deadline_ms;
        request.max_response_bytes = beckn::registry_answer_max;
        const Result<net::ClientResponse> answer = co_await http_.send(std::move(request));
        if (!answer) {
            co_return answer.error();
        }
        if (answer->status != 200) {
            co_return refused("the DeDi registry", answer->status, id);
        }
        co_return beckn::read_dedi_record(answer->body, id);
    }

  private:
    DediSettings settings_;
    net::HttpClient& http_;
};

}  // namespace

std::unique_ptr<KeySource> make_fixed_keys(std::vector<beckn::PublishedKey> keys) {
    return std::make_unique<FixedKeys>(std::move(keys));
}

Result<std::unique_ptr<KeySource>> make_key_file(std::filesystem::path path) {
    auto file = std::make_unique<KeyFile>(std::move(path));
    if (const Result<void> loaded = file->load(); !loaded) {
        return loaded.error();
    }
    return std::unique_ptr<KeySource>(std::move(file));
}

std::unique_ptr<KeySource> make_lookup_keys(LookupSettings settings, net::HttpClient& http, WallClock& wall,
                                            std::optional<beckn::Signer> signer) {
    return std::make_unique<LookupKeys>(std::move(settings), http, wall, std::move(signer));
}

std::unique_ptr<KeySource> make_dedi_keys(DediSettings settings, net::HttpClient& http) {
    return std::make_unique<DediKeys>(std::move(settings), http);
}

}  // namespace headroom::agents
