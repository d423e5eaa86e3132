#include "core/log.hpp"
#include "core/random.hpp"
#include "soak/soak.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <thread>

// beckn_soak run --dir D [--orders N] [--seed S] [--faults PPM] [--each 1] [--kills K] [--side-by-side N]
//
// Runs the soak and prints one JSON object; 0 when the books are equal. The roles buyer and seller are
// started by it and are not meant to be called by hand.

namespace headroom::soak {

namespace {

constexpr std::chrono::milliseconds look_every{2};
/// So long nothing may go on while the sides could have run: on a busy machine they wait for a processor most
/// of the time, and that is no fault of theirs.
constexpr std::chrono::seconds silence_max{120};
constexpr std::chrono::minutes silence_max_of_all{20};
constexpr std::uint64_t kill_stream = 2;

std::uint16_t free_port() {
    boost::asio::io_context context;
    boost::asio::ip::tcp::acceptor acceptor(context, {boost::asio::ip::make_address("127.0.0.1"), 0});
    return acceptor.local_endpoint().port();
}

/// A process of ours, started again when it is killed.
class Side {
  public:
    Side(std::string role, const Plan& plan) : role_(std::move(role)), plan_(plan) {}
    Side(const Side&) = delete;
    Side& operator=(const Side&) = delete;
    ~Side() { end(SIGKILL); }

    void start() {
        std::vector<std::string> words{"/proc/self/exe", role_,
                                       "--dir",          plan_.dir.string(),
                                       "--seed",         std::to_string(plan_.seed),
                                       "--orders",       std::to_string(plan_.orders),
                                       "--faults",       std::to_string(plan_.fault_ppm),
                                       "--each",         plan_.is_each ? "1" : "0",
                                       "--side-by-side", std::to_string(plan_.side_by_side),
                                       "--buyer-port",   std::to_string(plan_.buyer_port),
                                       "--seller-port",  std::to_string(plan_.seller_port),
                                       "--settling",     plan_.is_settling ? "1" : "0"};
        std::vector<char*> arguments;
        for (std::string& word : words) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        process_ = ::fork();
        HEADROOM_ASSERT(process_ >= 0);
        if (process_ == 0) {
            ::execv(arguments.front(), arguments.data());
            std::_Exit(127);
        }
    }
    /// The exit code once it has ended by itself.
    std::optional<int> ended() {
        int status = 0;
        if (process_ <= 0 || ::waitpid(process_, &status, WNOHANG) != process_) {
            return std::nullopt;
        }
        process_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    /// How long it has waited for a processor, since it was started.
    [[nodiscard]] std::chrono::nanoseconds starved() const {
        std::ifstream stat("/proc/" + std::to_string(process_) + "/schedstat");
        std::int64_t ran = 0;
        std::int64_t waited = 0;
        return stat >> ran >> waited ? std::chrono::nanoseconds{waited} : std::chrono::nanoseconds{0};
    }
    void end(int signal) {
        if (process_ > 0) {
            ::kill(process_, signal);
            ::waitpid(process_, nullptr, 0);
            process_ = -1;
        }
    }

  private:
    std::string role_;
    const Plan& plan_;
    pid_t process_ = -1;
};

std::uintmax_t size_of(const std::filesystem::path& file) {
    std::error_code fault;
    const std::uintmax_t bytes = std::filesystem::file_size(file, fault);
    return fault ? 0 : bytes;
}

std::int64_t done_count(const Plan& plan) {
    return static_cast<std::int64_t>(size_of(plan.dir / "done") / sizeof(std::int64_t));
}

/// Whether the sides go on: any order that is done, or asked for once more at the end, is news.
class Watch {
  public:
    explicit Watch(const Plan& plan) : plan_(plan) {}

    /// Errors, by name, when nothing has gone on for too long.
    [[nodiscard]] bool is_stuck(const Side& buyer, const Side& seller) {
        const auto now = std::chrono::steady_clock::now();
        const std::int64_t progress =
            done_count(plan_) + static_cast<std::int64_t>(size_of(plan_.dir / "settled"));
        const std::chrono::nanoseconds starved = buyer.starved() + seller.starved();
        if (progress != seen_) {
            seen_ = progress;
            news(starved);
            return false;
        }
        const auto silence = now - news_;
        longest_ = std::max(longest_, std::chrono::duration<double>(silence).count());
        const auto could_run = silence - std::max(std::chrono::nanoseconds{0}, starved - starved_);
        return could_run > silence_max || silence > silence_max_of_all;
    }
    /// A side was started anew.
    void news(std::chrono::nanoseconds starved) {
        news_ = std::chrono::steady_clock::now();
        starved_ = starved;
    }
    [[nodiscard]] double longest_s() const { return longest_; }

  private:
    const Plan& plan_;
    std::int64_t seen_ = -1;
    std::chrono::steady_clock::time_point news_ = std::chrono::steady_clock::now();
    std::chrono::nanoseconds starved_{0};
    double longest_ = 0.0;
};

/// Runs until the buyer is done; kills either side whenever so many orders are done as the seed says.
bool run_phase(const Plan& plan, std::int64_t kills, double& longest_silence_s) {
    Side seller("seller", plan);
    Side buyer("buyer", plan);
    seller.start();
    buyer.start();
    std::multimap<std::int64_t, bool> moments;  // orders done → whether the buyer is killed
    const Random random(plan.seed);
    for (std::int64_t i = 0; i < kills; ++i) {
        const auto number = static_cast<std::uint64_t>(i);
        const std::uint64_t at =
            random.below(static_cast<std::uint64_t>(plan.orders), number, 0, kill_stream);
        moments.emplace(static_cast<std::int64_t>(at), i % 2 == 0);
    }
    Watch watch(plan);
    while (true) {
        longest_silence_s = std::max(longest_silence_s, watch.longest_s());
        if (const std::optional<int> code = buyer.ended()) {
            seller.end(SIGTERM);
            if (*code != 0) {
                std::cerr << "the buyer ended with " << *code << "\n";
            }
            return *code == 0;
        }
        if (const std::optional<int> code = seller.ended()) {
            std::cerr << "the seller ended with " << *code << "\n";
            return false;
        }
        const std::int64_t done = done_count(plan);
        if (!moments.empty() && moments.begin()->first <= done) {
            Side& side = moments.begin()->second ? buyer : seller;
            moments.erase(moments.begin());
            side.end(SIGKILL);
            side.start();
            watch.news(buyer.starved() + seller.starved());
        }
        if (watch.is_stuck(buyer, seller)) {
            std::cerr << "nothing went on for too long, " << done << " orders done\n";
            return false;
        }
        std::this_thread::sleep_for(look_every);
    }
}

int run(Plan plan) {
    std::filesystem::create_directories(plan.dir);
    if (!std::filesystem::is_empty(plan.dir)) {
        std::cerr << plan.dir << " is not empty\n";
        return 2;
    }
    plan.buyer_port = free_port();
    plan.seller_port = free_port();
    const auto now = std::chrono::floor<hours>(std::chrono::system_clock::now());
    std::ofstream(plan.dir / "window") << format_utc(UtcTime{now.time_since_epoch()} + hours{24});
    const auto begin = std::chrono::steady_clock::now();
    double longest_silence_s = 0.0;
    bool is_through = run_phase(plan, plan.kills, longest_silence_s);
    Plan settling = plan;
    settling.is_settling = true;
    is_through = is_through && run_phase(settling, 0, longest_silence_s);
    if (!is_through) {
        return 1;
    }
    json::Object summary{{"orders", plan.orders},
                         {"seed", static_cast<std::int64_t>(plan.seed)},
                         {"fault_ppm", plan.fault_ppm},
                         {"each_kind", plan.is_each},
                         {"kills", plan.kills}};
    const std::vector<std::string> faults = compare_books(plan, summary);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    summary.set("seconds", took.count());
    summary.set("longest_silence_s", longest_silence_s);
    summary.set("books_equal", faults.empty());
    json::Array shown;
    for (std::size_t i = 0; i < faults.size() && i < 20; ++i) {
        shown.emplace_back(faults[i]);
    }
    summary.set("faults", static_cast<std::int64_t>(faults.size()));
    summary.set("first_faults", std::move(shown));
    std::cout << json::write(std::move(summary)) << "\n";
    return faults.empty() ? 0 : 1;
}

bool read_number(const std::string& text, std::int64_t& number) {
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    return fault == std::errc() && end == text.data() + text.size() && number >= 0;
}

std::optional<Plan> read_plan(const std::vector<std::string>& words) {
    Plan plan;
    std::map<std::string, std::int64_t> numbers;
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
        if (words[i] == "--dir") {
            plan.dir = words[i + 1];
        } else if (!read_number(words[i + 1], numbers[words[i]])) {
            return std::nullopt;
        }
    }
    const auto number = [&numbers](const char* name, std::int64_t otherwise) {
        const auto found = numbers.find(name);
        return found == numbers.end() ? otherwise : found->second;
    };
    plan.seed = static_cast<std::uint64_t>(number("--seed", 7));
    plan.orders = number("--orders", plan.orders);
    plan.fault_ppm = number("--faults", plan.fault_ppm);
    plan.is_each = number("--each", 0) != 0;
    plan.kills = number("--kills", plan.kills);
    plan.side_by_side = number("--side-by-side", plan.side_by_side);
    plan.buyer_port = static_cast<std::uint16_t>(number("--buyer-port", 0));
    plan.seller_port = static_cast<std::uint16_t>(number("--seller-port", 0));
    plan.is_settling = number("--settling", 0) != 0;
    return words.size() % 2 == 0 && !plan.dir.empty() && plan.orders > 0 ? std::optional(plan) : std::nullopt;
}

}  // namespace

}  // namespace headroom::soak

int main(int count, char** arguments) {
    using namespace headroom;
    const std::vector<std::string> words(arguments + 1, arguments + count);
    const std::optional<soak::Plan> plan =
        words.empty() ? std::nullopt : soak::read_plan({words.begin() + 1, words.end()});
    if (!plan) {
        std::cerr << "beckn_soak run --dir D [--orders N] [--seed S] [--faults PPM] [--each 1] [--kills K] "
                     "[--side-by-side N]\n";
        return 2;
    }
    log::set_level(log::Level::error);
    if (words.front() == "buyer") {
        return soak::run_buyer(*plan);
    }
    if (words.front() == "seller") {
        return soak::run_seller(*plan);
    }
    return words.front() == "run" ? soak::run(*plan) : 2;
}
