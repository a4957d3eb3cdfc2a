// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import com.google.protobuf.ByteString;
import java.util.Optional;

/** Takes one token of one cluster. */
record PsatJudge(String shown) implements NodeJudge {
    @Override
    public Optional<ByteString> challenge() {
        if (!shown.equals("{\"cluster\":\"prod\",\"token\":\"projected\"}")) {
            throw new AssertionError("another token: " + shown);
        }
        return Optional.empty();
    }

    @Override
    public void judge(ByteString answer) {
        throw new AssertionError("an answer that nobody has asked for");
    }
}
