#include "store/store_thread.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace headroom::store {
namespace {

constexpr auto for_ever = hours{1};
constexpr auto not_long = seconds{10};

TEST(StoreThread, RunsJobsInTheirOrder) {
    std::vector<int> ran;
    {
        StoreThread thread(for_ever);
        for (int i = 0; i < 100; ++i) {
            if (i % 3 == 0) {
                thread.post_later([&ran, i] { ran.push_back(i); });
            } else {
                thread.post([&ran, i] { ran.push_back(i); });
            }
        }
    }
    ASSERT_EQ(ran.size(), 100U);
    EXPECT_TRUE(std::is_sorted(ran.begin(), ran.end()));
}

TEST(StoreThread, LeavesWhatMayWaitUntilSomethingElseIsToBeDone) {
    std::atomic<int> later{0};
    StoreThread thread(for_ever);
    thread.post_later([&] { ++later; });
    thread.post_later([&] { ++later; });
    std::promise<int> seen_first;
    thread.post_first([&] { seen_first.set_value(later); });
    EXPECT_EQ(seen_first.get_future().get(), 0);  // went ahead, and called nobody
    std::promise<int> seen;
    thread.post([&] { seen.set_value(later); });
    EXPECT_EQ(seen.get_future().get(), 2);
}

TEST(StoreThread, DrainsWhatMayWaitToo) {
    std::atomic<int> ran{0};
    StoreThread thread(for_ever);
    thread.post_later([&] { ++ran; });
    thread.post_later([&] { ++ran; });
    thread.drain();
    EXPECT_EQ(ran, 2);
    thread.drain();  // of nothing
    EXPECT_EQ(ran, 2);
}

TEST(StoreThread, IsIdleOnceItIsDrained) {
    StoreThread thread(for_ever);
    for (int i = 0; i < 2'000; ++i) {
        thread.post_later([] {});
        thread.post_first([] {});
        thread.drain();
        ASSERT_TRUE(thread.idle()) << "after " << i;
    }
}

TEST(StoreThread, RunsWhatMayWaitAfterAWhile) {
    StoreThread thread(milliseconds{5});
    std::promise<void> ran;
    thread.post_later([&] { ran.set_value(); });
    EXPECT_EQ(ran.get_future().wait_for(not_long), std::future_status::ready);
}

TEST(StoreThread, LosesItsPatienceWhenSomebodyAsksWhetherItIsIdle) {
    StoreThread thread(for_ever);
    EXPECT_TRUE(thread.idle());
    std::atomic<bool> has_run{false};
    thread.post_later([&] { has_run = true; });
    const SteadyTime deadline = steady_now() + not_long;
    while (!thread.idle() && steady_now() < deadline) {
        std::this_thread::yield();
    }
    EXPECT_TRUE(has_run);
    EXPECT_TRUE(thread.idle());
}

}  // namespace
}  // namespace headroom::store
