#pragma once

#include "net/mqtt_wire.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace headroom::net {

/// A stretch of a broker's stream as it was read, with the messages that lie whole in it.
struct MqttPiece {
    std::vector<char> bytes;
    std::size_t filled = 0;
    std::vector<mqtt::Publish> messages;  ///< views into `bytes`
    std::uint64_t connection = 0;         ///< that it came by
};

/// Pieces between the thread that reads them and the one that takes them in: a fixed number, so that a slow
/// taker stops the reader, and what waits is never more than they hold.
class MqttPieces {
  public:
    MqttPieces(std::size_t count, std::size_t bytes) {
        for (std::size_t i = 0; i < count; ++i) {
            pieces_.push_back(std::make_unique<MqttPiece>());
            pieces_.back()->bytes.resize(bytes);
            free_.push_back(pieces_.back().get());
        }
    }

    // The reader's side.
    /// Null when all are on their way; `give_back` then answers true.
    [[nodiscard]] MqttPiece* take_free() {
        const std::lock_guard lock(mutex_);
        if (free_.empty()) {
            is_reader_waiting_ = true;
            return nullptr;
        }
        MqttPiece* const piece = free_.back();  // the one used last is the one still in the cache
        free_.pop_back();
        piece->filled = 0;
        piece->messages.clear();
        return piece;
    }
    void hand_over(MqttPiece* piece) {
        {
            const std::lock_guard lock(mutex_);
            filled_.push_back(piece);
        }
        changed_.notify_one();
    }
    /// A piece that was not handed over.
    void put_back(MqttPiece* piece) {
        const std::lock_guard lock(mutex_);
        free_.push_back(piece);
    }
    /// No more will come: `next` answers null when nothing is left.
    void close() {
        {
            const std::lock_guard lock(mutex_);
            is_closed_ = true;
        }
        changed_.notify_one();
    }

    // The taker's side.
    [[nodiscard]] MqttPiece* next() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !filled_.empty() || is_closed_; });
        if (filled_.empty()) {
            return nullptr;
        }
        MqttPiece* const piece = filled_.front();
        filled_.pop_front();
        return piece;
    }
    /// Whether the reader waits for one.
    [[nodiscard]] bool give_back(MqttPiece* piece) {
        const std::lock_guard lock(mutex_);
        free_.push_back(piece);
        return std::exchange(is_reader_waiting_, false);
    }
    [[nodiscard]] bool is_empty() const {
        const std::lock_guard lock(mutex_);
        return filled_.empty();
    }

  private:
    std::vector<std::unique_ptr<MqttPiece>> pieces_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<MqttPiece*> free_;
    std::deque<MqttPiece*> filled_;
    bool is_reader_waiting_ = false;
    bool is_closed_ = false;
};

}  // namespace headroom::net
