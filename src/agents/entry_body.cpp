#include "agents/entry_body.hpp"

#include <utility>

namespace headroom::agents {

Awaitable<Result<void>> put_whole(Journal& journal, json::Object& body, std::string name, json::Value value) {
    const Result<std::string> canonical = json::write_canonical(value);
    if (!canonical) {
        co_return canonical.error();
    }
    if (canonical->size() <= inline_bytes_max) {
        body.set(std::move(name), std::move(value));
        co_return Result<void>{};
    }
    Result<json::Value> blob = co_await journal.put_blob(*canonical);
    if (!blob) {
        co_return blob.error();
    }
    body.set(name + "_blob", std::move(*blob));
    co_return Result<void>{};
}

json::Array texts(const std::vector<std::string>& list) {
    return {list.begin(), list.end()};
}

}  // namespace headroom::agents
