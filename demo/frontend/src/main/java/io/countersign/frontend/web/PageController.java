// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend.web;

import io.countersign.frontend.FrontendSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The page and its files: those built in, or those of a folder. Folders are not listed. */
@RestController
class PageController {
    private static final Map<String, String> MEDIA_TYPES = Map.of(
            "html", "text/html",
            "css", "text/css",
            "js", "text/javascript",
            "svg", "image/svg+xml");

    private final FrontendSettings settings;

    PageController(FrontendSettings settings) {
        this.settings = settings;
    }

    @RequestMapping({"/", "/static/"})
    ResponseEntity<?> index() throws IOException {
        return file("index.html");
    }

    @RequestMapping("/static")
    ResponseEntity<?> folder() {
        return ResponseEntity.status(307).location(URI.create("/static/")).build();
    }

    @RequestMapping("/static/index.html")
    ResponseEntity<?> named() {
        return ResponseEntity.status(301).location(URI.create("./")).build();
    }

    @RequestMapping("/static/{*path}")
    ResponseEntity<?> file(@PathVariable("path") String path) throws IOException {
        var name = path.startsWith("/") ? path.substring(1) : path;
        var found = find(name);
        if (found.isEmpty()) {
            return Answers.notFound();
        }
        var resource = found.get();
        return ResponseEntity.ok()
                .contentType(mediaType(name))
                .lastModified(resource.lastModified())
                // asked anew each time, answered with 304
                .cacheControl(CacheControl.maxAge(Duration.ZERO).mustRevalidate())
                .body(resource);
    }

    @RequestMapping("/**")
    ResponseEntity<byte[]> other() {
        return Answers.notFound();
    }

    private Optional<Resource> find(String name) {
        var folder = settings.staticPath();
        if (folder == null) {
            return name.matches("[a-z]+\\.[a-z]+")
                    ? Optional.<Resource>of(new ClassPathResource("/io/countersign/frontend/page/" + name))
                            .filter(Resource::exists)
                    : Optional.empty();
        }
        var root = folder.toAbsolutePath().normalize();
        var file = root.resolve(name).normalize();
        return file.startsWith(root)
                ? Optional.<Resource>of(new FileSystemResource(file)).filter(Resource::isReadable)
                : Optional.empty();
    }

    private static MediaType mediaType(String name) {
        @Nullable String type = MEDIA_TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        return type == null
                ? MediaType.APPLICATION_OCTET_STREAM
                : new MediaType(MediaType.parseMediaType(type), StandardCharsets.UTF_8);
    }
}
