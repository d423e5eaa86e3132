#include "forecast/window_ridge.hpp"

#include "core/random.hpp"
#include "forecast/cholesky.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <vector>

namespace headroom::forecast {
namespace {

TEST(SolveCholeskyMany, SolvesMoreRowsThanABlockForEverySide) {
    const Random random(2);
    constexpr std::size_t size = 113;
    constexpr std::size_t sides = 3;
    std::vector<double> root(size * size);
    for (std::size_t i = 0; i < root.size(); ++i) {
        root[i] = random.normal(i, 0);
    }
    std::vector<double> a(size * size);
    std::vector<double> x(size * sides);
    std::vector<double> b(size * sides);
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j < size; ++j) {
            for (std::size_t k = 0; k < size; ++k) {
                a[i * size + j] += root[i * size + k] * root[j * size + k];
            }
        }
        a[i * size + i] += 5.0;
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = random.normal(i, 1);
    }
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t k = 0; k < size; ++k) {
            for (std::size_t side = 0; side < sides; ++side) {
                b[i * sides + side] += a[i * size + k] * x[k * sides + side];
            }
        }
    }
    ASSERT_TRUE(solve_cholesky_many(a, size, b));
    for (std::size_t i = 0; i < x.size(); ++i) {
        EXPECT_NEAR(b[i], x[i], 1e-8);
    }
    std::vector<double> indefinite{1.0, 0.0, 2.0, 1.0};
    std::vector<double> side{1.0, 1.0};
    EXPECT_FALSE(solve_cholesky_many(indefinite, 2, side));
}

TEST(AddProduct, IsTheMatrixProduct) {
    const std::vector<float> a{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};  // five rows of two
    const std::vector<float> b{1, 0, 2, 0, 1, 3};               // two rows of three
    std::vector<float> out(15, 1.0F);
    add_product(a, b, 2, 3, out);
    EXPECT_EQ(out, (std::vector<float>{2, 3, 9, 4, 5, 19, 6, 7, 29, 8, 9, 39, 10, 11, 49}));
}

TEST(WindowProducts, AreTheSumsOverAllWindows) {
    const std::vector<double> values{1, 2, 4, 3, 5};  // windows of three: 1 2 4, 2 4 3, 4 3 5
    const std::vector<double> products = window_products(values, 3);
    EXPECT_DOUBLE_EQ(products[0], 1 + 4 + 16);
    EXPECT_DOUBLE_EQ(products[3], 2 + 8 + 12);
    EXPECT_DOUBLE_EQ(products[4], 4 + 16 + 9);
    EXPECT_DOUBLE_EQ(products[6], 4 + 6 + 20);
    EXPECT_DOUBLE_EQ(products[7], 8 + 12 + 15);
    EXPECT_DOUBLE_EQ(products[8], 16 + 9 + 25);
}

/// Two columns: a daily wave, the second with noise of a tenth of its size.
EvenTable wave_table(std::size_t rows) {
    const Random random(9);
    EvenTable table{.names = {"clean", "noisy"}, .columns = {{}, {}}};
    for (std::size_t i = 0; i < rows; ++i) {
        const double wave = std::sin(2.0 * std::numbers::pi * static_cast<double>(i) / 24.0);
        table.columns[0].push_back(3.0 + wave);
        table.columns[1].push_back(50.0 - 20.0 * wave + 2.0 * random.normal(i, 0));
    }
    return table;
}

constexpr WindowProtocol small{
    .train_rows = 480, .watched_rows = 120, .test_rows = 120, .look_back = 48, .horizon = 12};

TEST(ScoreWindows, ForetellsAWaveToItsNoise) {
    const Result<WindowScore> score = score_windows(wave_table(720), small);
    ASSERT_TRUE(score.has_value()) << score.error().message;
    // The noise's mean square on the scaled column is 4 / 204; the other column has none.
    EXPECT_LT(score->mse, 0.5 * 4.0 / 204.0 * 1.5);
    EXPECT_GT(score->mse, 0.5 * 4.0 / 204.0 * 0.8);
    EXPECT_LT(score->mae, 0.1);
    EXPECT_GT(score->watched_mse, 0.0);
}

// What the fit may see ends with the validation rows: other values behind them change nothing but the score.
TEST(ScoreWindows, LearnsNothingFromTheTest) {
    EvenTable other = wave_table(720);
    for (std::size_t i = 640; i < 720; ++i) {
        other.columns[0][i] += 100.0;
    }
    const Result<WindowScore> one = score_windows(wave_table(720), small);
    const Result<WindowScore> two = score_windows(other, small);
    ASSERT_TRUE(one && two);
    EXPECT_EQ(one->penalty, two->penalty);
    EXPECT_EQ(one->watched_mse, two->watched_mse);
    EXPECT_LT(one->mse, two->mse);
}

TEST(ScoreWindows, SaysWhatDoesNotFit) {
    EXPECT_EQ(score_windows(wave_table(719), small).error().message,
              "the table has 719 rows, the protocol needs 720");
    WindowProtocol wide = small;
    wide.horizon = 121;
    EXPECT_EQ(score_windows(wave_table(720), wide).error().message,
              "a part of the table is shorter than a window of 48 and 121 rows");
    EvenTable broken = wave_table(720);
    broken.columns[1][5] = std::nan("");
    EXPECT_EQ(score_windows(broken, small).error().message, "a column of the table is not finite");
}

TEST(ReadEvenTable, TakesEveryNumberOrNamesTheFault) {
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("even_table_" + std::to_string(::getpid()) + ".csv");
    std::ofstream(file) << "date,A,B\n2016-07-01 00:00:00,1.5,2\n2016-07-01 01:00:00,-3,4\n";
    const Result<EvenTable> table = read_even_table(file);
    ASSERT_TRUE(table.has_value()) << table.error().message;
    EXPECT_EQ(table->names, (std::vector<std::string>{"A", "B"}));
    EXPECT_EQ(table->columns[1], (std::vector{2.0, 4.0}));
    std::ofstream(file) << "date,A\n2016-07-01 00:00:00,\n";
    EXPECT_NE(read_even_table(file).error().message.find("line 2: column A: \"\" is not a number"),
              std::string::npos);
    std::filesystem::remove(file);
}

}  // namespace
}  // namespace headroom::forecast
