#include "api/idempotency.hpp"

#include "api/request.hpp"
#include "core/digest.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace headroom::api {
namespace {

constexpr const char* idempotency_kind = "idempotency";
constexpr hours sweep_every{1};
constexpr std::size_t sweep_page = 500;

/// 204 and the like are kept as well; of the headers only those that a repeat must see.
constexpr std::array<std::string_view, 2> kept_headers{"Location", "ETag"};

json::Object response_json(const net::Response& response) {
    json::Object headers;
    for (const std::string_view name : kept_headers) {
        if (response.headers.has(name)) {
            headers.set(std::string(name), response.headers.get(name));
        }
    }
    return json::Object{{"status", response.status},
                        {"content_type", response.content_type},
                        {"body", response.body},
                        {"headers", std::move(headers)}};
}

net::Response response_of(const json::Value& kept) {
    net::Response response;
    response.status = static_cast<int>(kept.integer("/status", 500));
    response.content_type = kept.text("/content_type");
    response.body = kept.text("/body");
    if (const json::Value* headers = kept.get("headers");
        headers != nullptr && headers->as_object() != nullptr) {
        for (const auto& [name, value] : headers->as_object()->members()) {
            response.headers.set(name.str(), value.text(""));
        }
    }
    response.headers.set("Idempotency-Replayed", "true");
    return response;
}

net::Response conflict(std::string_view detail, std::string_view path) {
    return net::problem(409, net::status_phrase(409), detail, {{"/Idempotency-Key", std::string(detail)}},
                        path);
}

bool is_older_than(const json::Value& kept, UtcTime instant) {
    const Result<UtcTime> at = parse_utc(kept.text("/at"));
    return !at || *at < instant;
}

void remove_older(store::Records& records, UtcTime instant) {
    std::string after;
    for (;;) {
        const Result<std::vector<store::Record>> page = records.list(idempotency_kind, after, sweep_page);
        if (!page || page->empty()) {
            return;
        }
        after = page->back().id;
        store::Batch batch;
        for (const store::Record& record : *page) {
            const Result<json::Value> kept = json::parse(record.json);
            if (!kept || is_older_than(*kept, instant)) {
                batch.removes.emplace_back(record.kind, record.id);
            }
        }
        const Result<void> removed = batch.removes.empty() ? Result<void>{} : records.write(batch);
        if (!removed) {
            log::warn("old idempotency keys could not be removed", {{"error", removed.error().message}});
            return;
        }
    }
}

}  // namespace

bool is_idempotency_key(std::string_view key) {
    return !key.empty() && key.size() <= 128 &&
           std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~'; });
}

net::Handler observed(std::shared_ptr<Idempotency> once, net::Handler handler) {
    return [once = std::move(once), handler = std::move(handler)](net::Request request) {
        return once->run(handler, std::move(request));
    };
}

Awaitable<net::Response> Idempotency::run(net::Handler handler, net::Request request) {
    const Result<bool> dry_run = dry_run_of(request);
    if (!dry_run) {
        co_return net::problem_of(dry_run.error(), request.path);
    }
    if (!request.headers.has("Idempotency-Key") || *dry_run) {
        co_return co_await handler(std::move(request));
    }
    const std::string key(request.headers.get("Idempotency-Key"));
    if (!is_idempotency_key(key)) {
        const Error wrong{Errc::invalid, "an Idempotency-Key has 1 to 128 visible ASCII characters",
                          "/Idempotency-Key"};
        co_return net::problem_of(wrong, request.path);
    }
    Ticket ticket{.id = sha256_hex(caller_of(request, "").id + "\n" + key),
                  .digest = sha256_hex(request.method + "\n" + request.target + "\n" + request.body)};
    if (!running_.insert(ticket.id).second) {
        co_return conflict("the first request under this key is still worked on; repeat it later",
                           request.path);
    }
    const std::string id = ticket.id;
    net::Response response = co_await work(std::move(ticket), std::move(handler), std::move(request));
    running_.erase(id);
    co_return response;
}

Awaitable<net::Response> Idempotency::work(Ticket ticket, net::Handler handler, net::Request request) {
    forget_old();
    Ticket asked = ticket;
    std::string path = request.path;
    std::optional<net::Response> before = co_await known(std::move(asked), std::move(path));
    if (before) {
        co_return std::move(*before);
    }
    Ticket begun = ticket;
    const Result<void> noted = co_await keep(std::move(begun), std::nullopt);
    if (!noted) {
        co_return net::problem_of(noted.error(), request.path);
    }
    net::Response response = co_await handler(std::move(request));
    // What failed on our side may be tried again under the same key.
    store::Batch removal{.puts = {}, .removes = {{idempotency_kind, ticket.id}}, .applied_seq = {}};
    Result<void> written;
    if (response.status < 500) {
        std::optional<net::Response> kept = response;
        written = co_await keep(std::move(ticket), std::move(kept));
    } else {
        written = co_await records_().write(std::move(removal));
    }
    if (!written) {
        log::warn("the answer under an idempotency key could not be kept",
                  {{"error", written.error().message}});
    }
    co_return response;
}

Awaitable<std::optional<net::Response>> Idempotency::known(Ticket ticket, std::string path) {
    const Result<store::Record> record = co_await records_().get(idempotency_kind, ticket.id);
    if (!record) {
        co_return record.error().code == Errc::not_found
            ? std::nullopt
            : std::optional(net::problem_of(record.error(), path));
    }
    const Result<json::Value> kept = json::parse(record->json);
    if (!kept || is_older_than(*kept, wall_.now() - kept_for)) {
        co_return std::nullopt;
    }
    if (kept->text("/digest") != ticket.digest) {
        const Error other{Errc::invalid, "another request was made under this key", "/Idempotency-Key"};
        co_return net::problem_of(other, path);
    }
    const json::Value* response = kept->get("response");
    if (response == nullptr || response->is_null()) {
        co_return conflict(
            "the first request under this key was cut off before it was answered; look what became "
            "of it and use a new key",
            path);
    }
    co_return response_of(*response);
}

Awaitable<Result<void>> Idempotency::keep(Ticket ticket, std::optional<net::Response> response) {
    const json::Object body{{"at", format_utc(wall_.now())},
                            {"digest", ticket.digest},
                            {"response", response ? json::Value(response_json(*response)) : json::Value()}};
    store::Batch batch;
    batch.puts.push_back({.kind = idempotency_kind,
                          .id = std::move(ticket.id),
                          .corr = {},
                          .state = response ? "done" : "begun",
                          .json = json::write(body),
                          .applied_seq = 0});
    co_return co_await records_().write(std::move(batch));
}

void Idempotency::forget_old() {
    const UtcTime now = wall_.now();
    if (swept_ && now - *swept_ < sweep_every) {
        return;
    }
    swept_ = now;
    records_().post([instant = now - kept_for](store::Records& records) { remove_older(records, instant); });
}

}  // namespace headroom::api
