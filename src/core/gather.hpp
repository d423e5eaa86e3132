#pragma once

#include "core/async.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace headroom {

/// Runs the coroutines side by side on the caller's executor and answers what they gave, in their order. An
/// exception that leaves one of them is our own bug and stops the process, as with `spawn`.
template <class T>
Awaitable<std::vector<T>> gather(std::vector<Awaitable<T>> work) {
    struct Shared {
        explicit Shared(const asio::any_io_executor& executor, std::size_t count)
            : done(executor), left(count), values(count) {}
        Bell done;
        std::size_t left;
        std::vector<std::optional<T>> values;
    };
    if (work.size() == 1) {  // nothing to run beside it
        std::vector<T> only;
        only.push_back(co_await std::move(work.front()));
        co_return only;
    }
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto shared = std::make_shared<Shared>(executor, work.size());
    // A plain function with parameters: a coroutine lambda's captures would die with the lambda.
    struct Run {
        static Awaitable<void> one(std::shared_ptr<Shared> into, std::size_t index, Awaitable<T> item) {
            into->values[index] = co_await std::move(item);
            if (--into->left == 0) {
                into->done.ring();
            }
        }
    };
    for (std::size_t i = 0; i < work.size(); ++i) {
        spawn(executor, Run::one(shared, i, std::move(work[i])));
    }
    while (shared->left > 0) {
        co_await shared->done.wait();
    }
    std::vector<T> values;
    values.reserve(shared->values.size());
    for (std::optional<T>& value : shared->values) {
        values.push_back(std::move(*value));
    }
    co_return values;
}

}  // namespace headroom
