#pragma once

#include "core/clock.hpp"
#include "net/address_policy.hpp"
#include "net/http_client.hpp"
#include "net/url.hpp"

#include <curl/curl.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace headroom::net {

/// Where a request leads. Errors: `invalid` for a request that cannot be sent, `timeout` for one without
/// time.
[[nodiscard]] Result<Url> check_request(const ClientRequest& request);

/// One request on its way: its attempts, its redirects, its answer. Lives on the client's thread.
class CurlTransfer {
  public:
    using Done = std::function<void(Result<ClientResponse>)>;

    CurlTransfer(ClientRequest request, Url url);

    /// Sets `easy` up for the next attempt. Both this and the settings must outlive the attempt.
    void prepare(CURL* easy, const ClientSettings& settings, const PrivateTargets& targets);

    /// What follows from the attempt that ended with `code`.
    struct Outcome {
        std::optional<Result<ClientResponse>> result;  ///< final
        std::int64_t again_after_ms = 0;               ///< otherwise
    };
    Outcome conclude(CURL* easy, CURLcode code);

    [[nodiscard]] std::int64_t left_ms() const;
    [[nodiscard]] Error late() const;

    Done done;

  private:
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
    static curl_socket_t on_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

    [[nodiscard]] bool may_repeat() const;
    [[nodiscard]] std::optional<std::int64_t> retry_delay(std::int64_t asked_ms) const;
    Outcome retry_or(Error error, bool repeatable);
    Outcome follow_redirect();
    [[nodiscard]] Error failure(CURLcode code) const;

    struct FreeList {
        void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    };

    ClientRequest request_;
    Url url_;
    std::string url_text_;
    SteadyTime started_;
    int attempts_ = 0;
    int redirects_ = 0;
    std::unique_ptr<curl_slist, FreeList> headers_;
    std::array<char, CURL_ERROR_SIZE> error_text_{};
    const PrivateTargets* targets_ = nullptr;
    bool through_proxy_ = false;
    std::string refused_address_;
    bool too_large_ = false;
    std::size_t header_bytes_ = 0;
    ClientResponse response_;
};

}  // namespace headroom::net
