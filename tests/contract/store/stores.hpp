#pragma once

#include "contract/store/temp_dir.hpp"
#include "store/records.hpp"
#include "store/series.hpp"

#include <functional>
#include <memory>
#include <ostream>
#include <string>

namespace headroom::store {

/// An implementation under test. `open` may be called again with the same folder: the store as it was left.
template <class Store>
struct StoreUnderTest {
    std::string name;
    std::function<Result<std::unique_ptr<Store>>(const TempDir&)> open;

    friend std::ostream& operator<<(std::ostream& out, const StoreUnderTest& store) {
        return out << store.name;
    }
};

inline auto record_stores() {
    const auto sqlite = [](const TempDir& dir) { return open_sqlite_records(dir / "records.db"); };
    return ::testing::Values(StoreUnderTest<Records>{"sqlite", sqlite});
}
inline auto series_stores() {
    const auto sqlite = [](const TempDir& dir) { return open_sqlite_series(dir / "series.db"); };
    return ::testing::Values(StoreUnderTest<Series>{"sqlite", sqlite});
}

/// The common part of both suites: a store in a folder of its own, and a way to open it anew.
template <class Store>
class StoreTest : public ::testing::TestWithParam<StoreUnderTest<Store>> {
  protected:
    void SetUp() override { reopen(); }
    [[nodiscard]] std::unique_ptr<Store> open_another() {
        Result<std::unique_ptr<Store>> opened = this->GetParam().open(dir_);
        EXPECT_TRUE(opened.has_value()) << opened.error().message;
        return opened ? std::move(*opened) : nullptr;
    }
    void reopen() {
        store_.reset();
        store_ = open_another();
        ASSERT_NE(store_, nullptr);
    }

    TempDir dir_;
    std::unique_ptr<Store> store_;
};

inline const auto store_name = [](const auto& info) { return info.param.name; };

}  // namespace headroom::store
