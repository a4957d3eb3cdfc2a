// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.process;

import io.countersign.rpc.RpcChannels;
import io.countersign.spiffe.x509.Pem;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Ways to find out whether a part does its work. */
public final class Probes {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();

    /** gRPC's health service says that it serves. */
    public boolean grpcHealthy(Path socket) {
        if (!Files.exists(socket)) {
            return false;
        }
        var channel = RpcChannels.unix(socket);
        try {
            return HealthGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                            .check(HealthCheckRequest.getDefaultInstance())
                            .getStatus()
                    == ServingStatus.SERVING;
        } catch (StatusRuntimeException e) {
            return false;
        } finally {
            channel.shutdownNow();
        }
    }

    /** The path answers 200 and its body has these words. */
    public boolean httpSays(int port, String path, String words) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(PATIENCE)
                .build();
        try {
            var response = http.send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200 && response.body().contains(words);
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The file holds a certificate that is valid now. */
    public static boolean hasValidCertificate(Path file) {
        try {
            var leaf = Pem.parseCertificates(Files.readAllBytes(file)).getFirst();
            return leaf.getNotAfter().toInstant().isAfter(Instant.now());
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }
}
