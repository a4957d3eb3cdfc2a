// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import com.google.protobuf.ByteString;
import java.util.Optional;

/** The other half of a plugin of somebody else's. */
record AcmeJudge(String shown) implements NodeJudge {
    @Override
    public Optional<ByteString> challenge() {
        return Optional.of(ByteString.copyFromUtf8("what is in " + shown));
    }

    @Override
    public void judge(ByteString answer) {
        if (!answer.toStringUtf8().equals("example.org: what is in r1")) {
            throw new AssertionError("a wrong answer: " + answer.toStringUtf8());
        }
    }
}
