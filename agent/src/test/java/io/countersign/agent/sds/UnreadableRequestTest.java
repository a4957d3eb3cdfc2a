// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sds;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.agent.Eventually;
import io.countersign.agent.TestEndpoint;
import io.countersign.agent.TestEndpoint.Options;
import io.countersign.sdsapi.secret.SecretDiscoveryServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.StatusException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversations that begin with what is no message. */
final class UnreadableRequestTest {
    @TempDir
    private Path folder;

    @Test
    void nothingIsLeftOfIt() throws Exception {
        try (var endpoint = new TestEndpoint(folder, Options.standard())) {
            for (var method : List.of(
                    SecretDiscoveryServiceGrpc.getStreamSecretsMethod(),
                    SecretDiscoveryServiceGrpc.getDeltaSecretsMethod())) {
                var raw = method.toBuilder(new Bytes(), new Bytes()).build();
                var call = ClientCalls.blockingBidiStreamingCall(
                        endpoint.channel, raw, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
                call.write(new byte[] {-1});
                assertThrows(StatusException.class, call::read);
            }
            Eventually.holds("nobody listens", () -> endpoint.snapshots.listeners() == 0);
        }
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
