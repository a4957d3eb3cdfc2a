// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.caller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.server.Eventually;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.types.Bundle;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Callers over TCP who begin calls, begin messages, and end neither. */
@Timeout(60)
class OpenCallsTest {
    private static final int TOO_MANY = 5;
    private static final int HALF = 2 << 20;

    /** GetBundle as a stream, which can be open without a word. */
    private static final MethodDescriptor<InputStream, Bundle> GET_BUNDLE = MethodDescriptor.newBuilder(
                    new Unchanged(), BundleGrpc.getGetBundleMethod().getResponseMarshaller())
            .setType(MethodType.BIDI_STREAMING)
            .setFullMethodName(BundleGrpc.getGetBundleMethod().getFullMethodName())
            .build();

    @TempDir
    Path folder;

    private final Queue<Status> ends = new ConcurrentLinkedQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
    }

    @AfterEach
    void close() {
        over.countDown();
        server.close();
    }

    private static final class Unchanged implements Marshaller<InputStream> {
        @Override
        public InputStream stream(InputStream message) {
            return message;
        }

        @Override
        public InputStream parse(InputStream message) {
            return message;
        }
    }

    /** Says that it has four megabytes, gives two of them, and then nothing until the test is over. */
    private final class HalfSent extends InputStream implements KnownLength {
        private int left = HALF;

        @Override
        public int available() {
            return 2 * HALF;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            if (left == 0) {
                waitForTheEnd();
                throw new IOException("the rest does not come");
            }
            int given = Math.min(left, length);
            left -= given;
            return given;
        }

        @Override
        public int read() throws IOException {
            throw new IOException("read byte by byte, expected many at once");
        }

        private void waitForTheEnd() throws IOException {
            try {
                over.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    private ClientCall<InputStream, Bundle> begin(Channel channel) {
        var call = channel.newCall(GET_BUNDLE, CallOptions.DEFAULT.withDeadlineAfter(Duration.ofSeconds(50)));
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ends.add(status);
                    }
                },
                new Metadata());
        return call;
    }

    private List<ClientCall<InputStream, Bundle>> begin(Channel channel, int count) {
        var calls = new ArrayList<ClientCall<InputStream, Bundle>>();
        for (int i = 0; i < count; i++) {
            calls.add(begin(channel));
        }
        return calls;
    }

    /** Until those are refused that are too many, and no others. */
    private void awaitRefused() {
        Eventually.holds("what is too much is refused", () -> ends.size() >= TOO_MANY);
        assertEquals(TOO_MANY, ends.size());
        for (var end : ends) {
            assertEquals(Code.RESOURCE_EXHAUSTED, end.getCode(), end::toString);
            assertTrue(String.valueOf(end.getDescription()).contains("calls open at once"), end::toString);
        }
    }

    private static Bundle bundle(Channel channel) {
        return TestServer.waiting(BundleGrpc.newBlockingStub(channel)).getBundle(GetBundleRequest.getDefaultInstance());
    }

    private void assertServed(Channel channel) {
        assertEquals(server.published().getTrustDomain(), bundle(channel).getTrustDomain());
    }

    @Test
    void strangersHaveSoManyCallsOpenAndOthersAreServed() {
        var member = server.as(server.mint(TestConfig.id("/web")));
        var calls = begin(server.anonymous(), OpenCalls.NETWORK.calls() + TOO_MANY);

        awaitRefused();
        assertServed(member);

        calls.forEach(call -> call.cancel("enough", null));
        var stranger = server.anonymous();
        Eventually.holds(
                "strangers are served again",
                () -> !bundle(stranger).getTrustDomain().isEmpty());
    }

    @Test
    void aMemberHasSoManyCallsOpenOverAllItsConnections() {
        var svid = server.mint(TestConfig.id("/web"));
        int each = OpenCalls.MEMBER.calls() / 4;
        for (int i = 0; i < 4; i++) {
            begin(server.as(svid), each);
        }
        begin(server.as(svid), TOO_MANY);

        awaitRefused();
        assertServed(server.as(server.mint(TestConfig.id("/other"))));
    }

    @Test
    void messagesThatAreBegunAndNeverEndedDoNotFillTheMemory() throws Exception {
        var member = server.as(server.mint(TestConfig.id("/web")));
        var channel = server.anonymous();
        assertServed(channel);
        int fit = Math.toIntExact(OpenCalls.NETWORK.bytes() / HALF);
        int count = 3 * fit;
        for (int i = 0; i < count; i++) {
            var call = begin(channel);
            Thread.startVirtualThread(() -> call.sendMessage(new HalfSent()));
        }

        Eventually.holds("more than fit are refused", () -> {
            // what is written of a message goes out when the next call begins
            begin(channel).cancel("no more than that", null);
            return ends.stream()
                            .filter(end -> end.getCode() == Code.RESOURCE_EXHAUSTED)
                            .count()
                    >= count - fit;
        });
        assertServed(member);
    }
}
