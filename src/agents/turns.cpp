#include "agents/turns.hpp"

namespace headroom::agents {

Awaitable<Turns::Turn> Turns::take(std::string key) {
    std::deque<std::shared_ptr<Bell>>& queue = waiting_[key];
    const auto mine = std::make_shared<Bell>(co_await asio::this_coro::executor);
    queue.push_back(mine);
    while (waiting_[key].front() != mine) {
        co_await mine->wait();
    }
    co_return Turn(*this, std::move(key));
}

void Turns::give_back(const std::string& key) {
    const auto found = waiting_.find(key);
    found->second.pop_front();
    if (found->second.empty()) {
        waiting_.erase(found);
    } else {
        found->second.front()->ring();
    }
}

}  // namespace headroom::agents
