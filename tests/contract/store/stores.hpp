#pragma once

#include "contract/store/influx_process.hpp"
#include "contract/store/temp_dir.hpp"
#include "store/influx.hpp"
#include "store/records.hpp"
#include "store/series.hpp"

#include <functional>
#include <iostream>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

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
    std::vector<StoreUnderTest<Series>> stores{{"sqlite", sqlite}};
    if (InfluxProcess::is_installed()) {
        stores.push_back({"influx_v1", [](const TempDir& dir) {
                              InfluxOptions options;
                              options.url = InfluxProcess::shared().url();
                              options.database = dir.path().filename();
                              return open_influx_series(options);
                          }});
        stores.push_back({"influx_v2", [](const TempDir& dir) -> Result<std::unique_ptr<Series>> {
                              InfluxOptions options;
                              options.url = InfluxProcess::shared().url();
                              options.database = dir.path().filename();
                              const auto bucket = open_influx_series(options);  // makes it
                              if (!bucket) {
                                  return bucket.error();
                              }
                              options.url = InfluxV2Door::shared().url();
                              options.bucket = options.database;
                              options.org = InfluxV2Door::org;
                              options.token = InfluxV2Door::token;
                              return open_influx_series(options);
                          }});
    } else {
        std::cerr << "influxd is not installed (scripts/install_packages tests): InfluxDB is not tested\n";
    }
    return ::testing::ValuesIn(stores);
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
