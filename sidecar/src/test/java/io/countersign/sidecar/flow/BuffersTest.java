// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BuffersTest {
    @ParameterizedTest
    @CsvSource({"32768,16384", "3,1", "1,1", "2147483647,1073741823"})
    void halfOfWhatIsHeldMustBeGoneAndEvenTheLeastLetsThingsGoOn(int most, int half) {
        var marks = Buffers.unsent(most);

        assertEquals(most, marks.high());
        assertEquals(half, marks.low());
    }
}
