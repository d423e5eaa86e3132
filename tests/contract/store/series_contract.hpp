#pragma once

#include "contract/store/instants.hpp"
#include "contract/store/stores.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace headroom::store {

inline const float unknown = std::numeric_limits<float>::quiet_NaN();

class SeriesContract : public StoreTest<Series> {
  protected:
    static SeriesBlock block(std::vector<float> values, UtcTime start = noon, std::string key = "F-1/p_kw/L1",
                             milliseconds step = period_length) {
        return {std::move(key), start, step, std::move(values)};
    }
    void write(SeriesBlock one) {
        const Result<void> written = store_->write({std::move(one)});
        ASSERT_TRUE(written.has_value()) << written.error().message;
    }
    std::vector<float> read(UtcTime from, UtcTime to, const std::string& key = "F-1/p_kw/L1") {
        const Result<SeriesBlock> got = store_->read(key, from, to);
        EXPECT_TRUE(got.has_value()) << got.error().message;
        return got ? got->values : std::vector<float>{};
    }
};

}  // namespace headroom::store
